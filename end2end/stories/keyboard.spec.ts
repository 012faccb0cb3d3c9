import type { Locator, Page } from '@playwright/test';
import { open, runPage, verdict } from './check';
import { glance } from './looks';
import { HEADER, write } from './sales';
import { expect, test } from './test';
import { takeYear } from './year';

/** Goes on with Tab until what is called so has the focus, and shows that it has. */
async function tabTo(page: Page, role: Parameters<Page['getByRole']>[0], name: string | RegExp) {
  const wanted = page.getByRole(role, { name }).and(page.locator(':focus'));
  for (let steps = 0; steps < 400 && (await wanted.count()) === 0; steps++) {
    await page.keyboard.press('Tab');
  }
  await expect(wanted, `${name} is reached by Tab`).toHaveCount(1);
  await expect(wanted).toBeInViewport();
}

test('the whole way is gone by keyboard alone', async ({ page }, info) => {
  const path = info.outputPath('keys.csv');
  await write(path, 400, 'keys');
  await open(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();

  await tabTo(page, 'button', 'Choose a file');
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
  await chooser.setFiles(path);
  await expect(verdict(page)).toBeVisible();

  await tabTo(page, 'button', 'Submit');
  await page.keyboard.press('Enter');
  await runPage(page);

  // A mark of a chart says its value when it has the focus.
  await tabTo(page, 'link', /^North: ₹/);
  await page.goto('/runs');
  await tabTo(page, 'link', /keys\.csv/);
  await page.keyboard.press('Enter');
  await runPage(page);
});

test('a file is put right, sent and seen in Sales without a mouse, and the focus goes along', async ({ page }, info) => {
  const path = info.outputPath('mend.csv');
  await write(path, 100, 'mend');
  await open(page);
  await tabTo(page, 'button', 'Choose a file');
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
  await chooser.setFiles(path);
  await expect(verdict(page)).toBeVisible();
  // What happened is said as well.
  await expect(page.locator('[aria-live="polite"]').filter({ hasText: 'mend.csv:' })).toHaveCount(1);

  await expect(verdict(page)).toContainText('90 of 100');

  await tabTo(page, 'grid', /./);
  await page.keyboard.press('F8');
  await page.keyboard.type('2025-01-08');
  await page.keyboard.press('Enter');
  await expect(verdict(page)).toContainText('91 of 100');

  await tabTo(page, 'button', 'Submit');
  await page.keyboard.press('Enter');
  await runPage(page);
  await expect(page.getByRole('main')).toBeFocused();
  await tabTo(page, 'link', 'See these sales');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Sales' })).toBeVisible();
  await expect(page.getByRole('main')).toBeFocused();
  await expect(page.getByText('Rests on 1 run')).toBeVisible();
});

test('on a phone four pages stand in the bar, and the others in a menu that the keyboard opens and closes', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 800 });
  await page.goto('/');
  const bar = page.getByRole('navigation', { name: 'Pages' });
  await expect(bar.getByRole('link')).toHaveText([/Check/, /Runs/, /Sales/, /Exceptions/]);
  const more = bar.getByRole('button', { name: 'More' });
  await more.focus();
  await page.keyboard.press('Enter');
  await expect(bar.getByRole('link', { name: 'Audit' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(bar.getByRole('link', { name: 'Audit' })).toBeHidden();
  await expect(more).toBeFocused();

  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(bar.getByRole('link', { name: 'Quality' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Quality' })).toBeVisible();
  await expect(bar.getByRole('link', { name: 'Quality' })).toBeHidden();
  await expect(page.getByRole('main')).toBeFocused();
  // The bar does not scroll.
  expect(await bar.evaluate((it) => it.scrollWidth - it.clientWidth)).toBe(0);
});

/** Empties the field that has the focus and writes into it. */
async function writeOver(page: Page, text: string) {
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
}

test('a steward goes through the list without a mouse, and comes back to the same place of the same filter', async ({ page, request }) => {
  const rows = Array.from({ length: 60 }, (_, at) => {
    const [region, revenue] = at < 12 ? ['East', '-5.00'] : at < 16 ? ['Nort', '10.00'] : ['North', '10.00'];
    return `keyed-${at},2026-01-15,${region},Milk 1L,1,${revenue}`;
  });
  const sent = await request.post('/api/v1/runs?filename=keyed.csv&workspace=keyed', {
    data: [HEADER, ...rows, ''].join('\n'),
    headers: { 'content-type': 'text/csv' },
  });
  const { id } = await sent.json();
  const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=keyed`)).json();
  await expect.poll(async () => (await run()).status).toBe('complete');
  const opens = (record: number) => expect(page.getByRole('heading', { level: 1, name: `Exception ${record}` })).toBeVisible();

  // From any page to the list, and there to the rows of one control.
  await page.goto('/w/keyed/quality');
  await tabTo(page, 'link', /^Exceptions 16/);
  await page.keyboard.press('Enter');
  await expect(page.getByText('16 exceptions open')).toBeVisible();
  await expect(page.getByRole('main')).toBeFocused();
  await tabTo(page, 'link', /^A number is below its minimum/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/code=VAL06/);
  await expect(page.getByText('12 exceptions open')).toBeVisible();
  const filter = new URL(page.url()).search;

  await tabTo(page, 'link', /^Line 13 of keyed\.csv$/);
  await page.keyboard.press('Enter');
  await opens(12);
  await expect(page.getByRole('main')).toBeFocused();
  await tabTo(page, 'textbox', 'revenue');
  await writeOver(page, '5.00');
  await tabTo(page, 'button', 'Judge and save');
  await page.keyboard.press('Enter');
  await opens(11);
  await expect(page.getByRole('status').first()).toContainText('in the ledger now');

  // Let in as it is, with a reason.
  await tabTo(page, 'textbox', 'Why let it in');
  await page.keyboard.type('a refund');
  await page.keyboard.press('Enter');
  await opens(10);
  await tabTo(page, 'link', 'Back to the list');
  await page.keyboard.press('Enter');
  await expect(page.getByText('10 exceptions open')).toBeVisible();
  const { searchParams, hash } = new URL(page.url());
  expect(searchParams.get('code')).toBe(new URLSearchParams(filter).get('code'));
  expect(hash).toBe(`#row-${id}.10`);
  const line = page.getByRole('link', { name: /^Line 11 of keyed\.csv$/ });
  await expect(line).toBeInViewport();
  await expect(line).toBeFocused();
  const { exceptions } = await run();
  expect([exceptions.open.rows, exceptions.entered.rows]).toEqual([14, 2]);
});

test('an auditor searches the log, has a run judged again, verifies the chain and comes to the report without a mouse', async ({ page, request }) => {
  const send = async (name: string) => {
    const sent = await request.post(`/api/v1/runs?filename=${name}&workspace=auditor`, {
      data: [HEADER, `${name}-1,2026-01-15,North,Milk 1L,1,10.00`, ''].join('\n'),
      headers: { 'content-type': 'text/csv' },
    });
    const { id } = await sent.json();
    const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=auditor`)).json();
    await expect.poll(async () => (await run()).status).toBe('complete');
    return id as string;
  };
  await send('other.csv');
  const id = await send('audited.csv');
  await page.goto('/w/auditor');
  await tabTo(page, 'link', 'Audit');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Audit' })).toBeVisible();
  await expect(page.getByRole('main')).toBeFocused();

  await tabTo(page, 'textbox', 'Event');
  await writeOver(page, 'run.completed');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/event=run\.completed/);
  const entries = page.getByRole('region', { name: 'Entries' }).locator('tbody tr');
  await expect(entries).toHaveCount(2);
  await tabTo(page, 'textbox', /^Run$/);
  await writeOver(page, id);
  await page.keyboard.press('Enter');
  await expect(entries).toHaveCount(1);

  await tabTo(page, 'button', "Judge this run's file again");
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status')).toContainText('exactly what is kept of this run', { timeout: 30_000 });
  await glance(page, 'audit-replayed');
  await tabTo(page, 'link', 'Verify the chain in this browser');
  await page.keyboard.press('Enter');
  await expect(page.getByText('audit-auditor.ndjson holds.')).toBeVisible({ timeout: 30_000 });

  await page.goBack();
  await tabTo(page, 'link', 'To the run');
  await page.keyboard.press('Enter');
  await runPage(page);
  await expect(page).toHaveURL(`/w/auditor/runs/${id}`);
  // The browser's own print gives the report, whatever has the focus.
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByText('Report of the run')).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeHidden();
  await page.emulateMedia({ media: 'screen' });
  await expect(page.getByText('Report of the run')).toBeHidden();
});

test('a mark of a chart shows its value to the keyboard and to the pointer, one at a time', async ({ page, request }) => {
  const { runs } = await takeYear(request, 'tips');
  const tip = (mark: Locator) => mark.locator('.tip');
  for (const [address, title] of [
    ['sales', /^Revenue per week$/],
    ['sales', /^Revenue by category and region$/],
    ['quality', /^Exception rate of each file$/],
    ['exceptions?show=all&step=day', /^Exceptions found per day, by category$/],
    [`runs/${runs[0]}`, /^Revenue per day$/],
  ] as const) {
    await page.goto(`/w/tips/${address}`);
    await expect(page.locator('.frame')).toHaveClass(/awake/);
    const figure = page.getByRole('figure').filter({ has: page.getByRole('heading', { name: title }) });
    const marks = figure.locator('.mark:has(.tip)');
    await expect(marks.nth(1)).toBeAttached();
    const [first, second] = [marks.nth(0), marks.nth(1)];
    const third = (await marks.count()) > 2 ? marks.nth(2) : first;
    const name = (await first.getAttribute('aria-label')) ?? '';
    await expect(tip(first)).toBeHidden();
    await figure.getByRole('button', { name: /^Copy as SVG/ }).focus();
    // Links that choose what is drawn come before it.
    const isReached = () => first.evaluate((it) => it === document.activeElement);
    for (let steps = 0; steps < 8 && !(await isReached()); steps++) await page.keyboard.press('Tab');
    await expect(first, `${title}: the first mark`).toBeFocused();
    await expect(tip(first)).toBeVisible();
    await expect(tip(first)).toHaveText(name);
    await expect(tip(second)).toBeHidden();
    await page.keyboard.press('Tab');
    await expect(second).toBeFocused();
    await expect(tip(second)).toBeVisible();
    await expect(tip(first)).toBeHidden();
    await third.locator('.reach').hover();
    await expect(tip(third)).toBeVisible();
    await expect(tip(second)).toBeHidden();
  }
});
