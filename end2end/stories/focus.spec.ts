// Where the focus is after what had it was drawn anew: at the same control, or at what tells what came of it.
import type { Locator, Page } from '@playwright/test';
import { choose, open, verdict } from './check';
import { HEADER, write } from './sales';
import { expect, test } from './test';

const csv = (name: string, lines: string[]) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(`${lines.join('\n')}\n`) });

/** As the keyboard would. */
async function press(page: Page, control: Locator, key = 'Enter') {
  await control.focus();
  await page.keyboard.press(key);
}

const isAt = async (place: Locator) => {
  await expect(place).toBeFocused();
  await expect(place).toBeInViewport();
};

test('on Check the focus stays at what was changed, and goes to the verdict from what is gone', async ({ page }, info) => {
  const path = info.outputPath('focus.csv');
  await write(path, 100, 'focus');
  await open(page);
  await choose(page, path);
  await expect(verdict(page)).toContainText('90 of 100');
  const unfold = page.getByText(/^Read as comma/);
  await press(page, unfold);

  const column = page.getByLabel('region is used as');
  await column.focus();
  await column.selectOption('not used');
  await expect(verdict(page)).toContainText('Cannot be loaded');
  await isAt(column);
  await press(page, page.getByRole('button', { name: 'Read it as it was found' }));
  await expect(verdict(page)).toContainText('90 of 100');
  await isAt(unfold);
  const header = page.getByLabel('Header in line');
  await header.fill('2');
  await page.keyboard.press('Enter');
  await expect(verdict(page)).toContainText('Cannot be loaded');
  await isAt(header);
  await header.fill('1');
  await page.keyboard.press('Enter');
  await expect(verdict(page)).toContainText('90 of 100');

  // Above the grid.
  const control = page.getByRole('region', { name: 'Rows of the file' }).getByRole('combobox', { name: 'Control', exact: true });
  await control.focus();
  await control.selectOption({ value: 'VAL03' });
  await expect(page).toHaveURL(/code=VAL03/);
  await isAt(control);
  const show = page.getByRole('link', { name: /^Show rows: .*\(VAL06\)$/ });
  await press(page, show);
  await expect(page).toHaveURL(/code=VAL06/);
  await expect(show).toBeFocused();

  await press(page, page.getByRole('grid'), 'F8');
  await page.keyboard.type('5.00');
  await page.keyboard.press('Enter');
  await expect(verdict(page)).toContainText('91 of 100');
  const undo = page.getByRole('button', { name: 'Undo' });
  await press(page, undo);
  await expect(verdict(page)).toContainText('90 of 100');
  await expect(undo).toBeDisabled();
  await isAt(page.getByRole('heading', { name: 'Rows of the file' }));

  await press(page, page.getByRole('button', { name: 'Put it away' }));
  await isAt(page.getByRole('heading', { level: 1, name: 'Check' }));
});

test('a contract that is judged under and kept tells so where the focus is', async ({ page }) => {
  const halls = ['North hall', 'Garden', 'Library'];
  const lines = Array.from({ length: 60 }, (_, at) => `F-${at},${String(1 + (at % 28)).padStart(2, '0')}/03/2025,${halls[at % 3]},${1 + (at % 8)}`);
  await open(page, '/w/focused');
  await choose(page, csv('evenings.csv', ['Evening No,Day,Hall,Guests', ...lines]));
  await press(page, page.getByRole('button', { name: 'Propose a contract from this file' }));
  await isAt(page.getByRole('heading', { name: 'Proposed contract' }));
  await press(page, page.getByRole('button', { name: 'Judge under this contract' }));
  await expect(verdict(page)).toContainText('Preview under a proposed contract');
  await isAt(verdict(page).locator('#answer'));
  await press(page, page.getByRole('button', { name: 'Keep this contract' }));
  const kept = page.getByText('The contract evenings is kept');
  await expect(kept).toBeVisible();
  await isAt(kept);
});

test('in lists the focus stays at the order and at the next page, and goes to the figures from a filter that is gone', async ({ page, request }) => {
  const rows = Array.from({ length: 180 }, (_, at) => {
    const region = at < 60 ? 'Atlantis' : at % 2 ? 'North' : 'South';
    return `turn-${at},2026-01-15,${region},Milk 1L,1,${10 + at}.00`;
  });
  const sent = await request.post('/api/v1/runs?filename=turned.csv&workspace=turned', {
    data: [HEADER, ...rows, ''].join('\n'),
    headers: { 'content-type': 'text/csv' },
  });
  const { id } = await sent.json();
  const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=turned`)).json();
  await expect.poll(async () => (await run()).status).toBe('complete');

  await page.goto('/w/turned/rows');
  await expect(page.locator('.frame')).toHaveClass(/awake/);
  const revenue = page.getByRole('columnheader', { name: 'Revenue' }).getByRole('link');
  for (const direction of ['descending', 'ascending']) {
    await press(page, revenue);
    await expect(page.getByRole('columnheader', { name: 'Revenue' })).toHaveAttribute('aria-sort', direction);
    await isAt(revenue);
  }
  // Behind the last page there is no next one.
  await press(page, page.getByRole('link', { name: 'Next rows' }));
  await expect(page.getByRole('link', { name: 'First rows' })).toBeVisible();
  await isAt(page.getByRole('region', { name: 'Rows of the ledger' }));
  const region = page.getByRole('combobox', { name: 'Region' });
  await region.focus();
  await region.selectOption('North');
  await expect(page).toHaveURL(/region=North/);
  await isAt(region);
  await press(page, page.getByRole('link', { name: 'Clear' }));
  await expect(page.getByText('120 rows')).toBeVisible();
  await isAt(page.locator('.rows-head'));

  await page.goto('/w/turned/exceptions?code=VAL05&category=BUSINESS_RULE_VIOLATION');
  await expect(page.locator('.frame')).toHaveClass(/awake/);
  await press(page, page.getByRole('link', { name: 'Most money first' }));
  await expect(page).toHaveURL(/sort=money/);
  await isAt(page.getByRole('link', { name: 'Most money first' }));
  await press(page, page.getByRole('link', { name: 'Next', exact: true }));
  await expect(page.getByText('10 further on')).toBeVisible();
  await isAt(page.getByRole('region', { name: 'Exceptions', exact: true }));
  await press(page, page.getByRole('link', { name: /^Control VAL05/ }));
  await expect(page).not.toHaveURL(/code=/);
  await isAt(page.locator('.narrowed-to'));
  await press(page, page.getByRole('link', { name: /^Business rule broken .*take this filter away$/ }));
  await expect(page).not.toHaveURL(/category=/);
  await isAt(page.getByText('60 exceptions open'));

  // In its place, and back.
  const correct = page.getByRole('link', { name: 'Correct here: Line 61 of turned.csv' });
  await press(page, correct);
  await isAt(page.getByRole('textbox', { name: 'region' }));
  await press(page, page.getByRole('link', { name: 'Leave as it is' }));
  await isAt(correct);

  await page.goto(`/w/turned/runs/${id}?code=VAL05`);
  await expect(page.locator('.frame')).toHaveClass(/awake/);
  await press(page, page.getByRole('link', { name: 'Next', exact: true }));
  await expect(page.getByText('51 to 60 of 60')).toBeVisible();
  await isAt(page.getByRole('heading', { name: 'Rows with findings' }));
  await press(page, page.getByRole('link', { name: 'Show all exceptions' }));
  await expect(page).not.toHaveURL(/code=/);
  await isAt(page.getByRole('heading', { name: 'Rows with findings' }));
});
