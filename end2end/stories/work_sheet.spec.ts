import type { Page } from '@playwright/test';
import { glance } from './looks';
import { expect, test } from './test';

const HEADER = 'order_id,order_date,region,product,quantity,revenue';

/** As a spreadsheet puts cells on the clipboard. */
const paste = (page: Page, text: string) =>
  page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);

test('a steward puts many rows right in the grid, and what was saved is in the ledger', async ({ page, request }, info) => {
  const workspace = `sheet${info.retry}`;
  const sound = Array.from({ length: 20 }, (_, at) => `SHEET-${at},2026-01-15,North,Milk 1L,1,10.00`);
  const rows = [
    'SHEET-20,2026-01-15,Nort,Milk 1L,1,20.00',
    'SHEET-21,2026-01-15,Sout,Milk 1L,1,30.00',
    'SHEET-22,2026-01-15,Eas,Milk 1L,1,40.00',
    'SHEET-23,2026-01-15,,Milk 1L,1,50.00',
    'SHEET-24,2026-01-15,East,Milk 1L,two,60.00',
  ];
  const sent = await request.post(`/api/v1/runs?filename=sheet.csv&workspace=${workspace}`, {
    data: [HEADER, ...sound, ...rows, ''].join('\n'),
    headers: { 'content-type': 'text/csv' },
  });
  expect(sent.status()).toBe(202);
  const { id } = await sent.json();
  const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=${workspace}`)).json();
  await expect.poll(async () => (await run()).status).toBe('complete');

  await page.goto(`/w/${workspace}/exceptions`);
  await page.getByRole('link', { name: 'Oldest first' }).click();
  await expect(page).toHaveURL(/sort=oldest/);
  const grid = page.getByRole('link', { name: 'Grid', exact: true });
  // The address changes before what it shows has come.
  await expect(grid).toHaveAttribute('href', /sort=oldest/);
  await grid.click();
  await expect(page).toHaveURL(/sort=oldest&view=grid/);
  const cell = (column: string, line: number) => page.getByRole('textbox', { name: `${column}, line ${line} of sheet.csv` });
  const save = page.getByRole('button', { name: /^Save/ });
  await expect(save).toBeDisabled();

  // Three cells from a spreadsheet; the first of them is said again, and that is taken back.
  await cell('region', 22).focus();
  await expect(page.locator('#cell-says')).toContainText('Nort');
  await paste(page, 'North\nSouth\nEast\n');
  await expect(save).toHaveText('Save 3 corrections');
  await expect(page.getByText('3 rows pass as they stand')).toBeVisible();
  await cell('region', 22).fill('Nowhere');
  await expect(page.getByText('2 pass as they stand, 1 still fail')).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(cell('region', 22)).toHaveValue('North');
  await page.keyboard.press('ArrowDown');
  await expect(cell('region', 23)).toBeFocused();
  await page.keyboard.press('F8');
  await expect(cell('region', 25)).toBeFocused();
  await glance(page, 'grid-typed');

  // What was given up while it was typed is no change: what is taken back is the one before it.
  await cell('region', 25).pressSequentially('Westt');
  await page.keyboard.press('Escape');
  await expect(cell('region', 25)).toHaveValue('');
  await page.keyboard.press('Control+z');
  await expect(cell('region', 25)).toHaveValue('');
  await expect(cell('region', 22)).toHaveValue('Nort');
  await page.keyboard.press('Control+y');
  await expect(cell('region', 22)).toHaveValue('North');

  // Elsewhere and back: what was typed is still there.
  await page.getByRole('link', { name: 'Quality', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'By control' })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/sort=oldest&view=grid/);
  await expect(cell('region', 23)).toHaveValue('South');
  await expect(save).toHaveText('Save 3 corrections');

  // Somebody else has one of the rows meanwhile.
  const comment = await request.post(`/api/v1/runs/${id}/exceptions/23/comments?workspace=${workspace}`, {
    data: { version: 1, text: 'asked the shop' },
  });
  expect(comment.status()).toBe(200);
  await cell('region', 22).focus();
  await save.click();
  const told = page.locator('.told');
  await expect(told).toContainText('2 rows corrected: in the ledger now.', { timeout: 15_000 });
  await expect(told).toContainText('Left as it was: 1 row changed by somebody meanwhile.');
  await expect(page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: /^Exceptions 3/ })).toBeVisible();
  await expect(cell('region', 24)).toHaveValue('East');
  await expect(cell('region', 24)).toBeFocused();
  await expect(page.locator('#cell-says')).toContainText('Somebody changed this row meanwhile');
  await glance(page, 'grid-conflict');
  await save.click();
  await expect(told).toContainText('1 row corrected: in the ledger now.');
  await expect(cell('region', 25)).toBeFocused();
  await expect(save).toBeDisabled();

  // From the grid to one row, and back.
  await page.getByRole('link', { name: 'line 25 of sheet.csv' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Exception 24' })).toBeVisible();
  await page.goBack();
  await expect(cell('region', 25)).toBeVisible();

  const { exceptions } = await run();
  expect([exceptions.open.rows, exceptions.entered.rows]).toEqual([2, 3]);
  const found = await request.get(`/api/v1/rows?workspace=${workspace}&key=SHEET-21`);
  expect(await found.text()).toContain('South');
});

test('what somebody else dealt with meanwhile is named, not counted, and what was typed of it can be discarded', async ({ page, request }, info) => {
  const workspace = `meanwhile${info.retry}`;
  const sound = Array.from({ length: 20 }, (_, at) => `MEAN-${at},2026-01-15,North,Milk 1L,1,10.00`);
  const rows = ['MEAN-20,2026-01-15,Nort,Milk 1L,1,20.00', 'MEAN-21,2026-01-15,Sout,Milk 1L,1,30.00'];
  const sent = await request.post(`/api/v1/runs?filename=mean.csv&workspace=${workspace}`, {
    data: [HEADER, ...sound, ...rows, ''].join('\n'),
    headers: { 'content-type': 'text/csv' },
  });
  const { id } = await sent.json();
  const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=${workspace}`)).json();
  await expect.poll(async () => (await run()).status).toBe('complete');

  await page.goto(`/w/${workspace}/exceptions?sort=oldest&view=grid`);
  const cell = (line: number) => page.getByRole('textbox', { name: `region, line ${line} of mean.csv` });
  const save = page.getByRole('button', { name: /^Save/ });
  await expect(save).toBeDisabled();
  await cell(22).fill('North');
  await cell(23).fill('South');
  await expect(save).toHaveText('Save 2 corrections');
  for (const record of [21, 22]) {
    const rejected = await request.post(`/api/v1/runs/${id}/exceptions/${record}/rejections?workspace=${workspace}`, {
      data: { version: 1, reason: 'returned' },
    });
    expect(rejected.status()).toBe(200);
  }
  await save.click();
  const told = page.locator('.told');
  await expect(told).toContainText('Changed by somebody meanwhile, and left as they are: line 22 of mean.csv, line 23 of mean.csv.');
  const left = page.getByRole('region', { name: 'Typed, and not saved' });
  await expect(left.getByRole('listitem')).toHaveText(['line 22 of mean.csv · region: North', 'line 23 of mean.csv · region: South']);

  // Of a row that is there again, it counts.
  const reopened = await request.post(`/api/v1/runs/${id}/exceptions/22/reopen?workspace=${workspace}`, {
    data: { version: 2, reason: 'not returned' },
  });
  expect(reopened.status()).toBe(200);
  await page.reload();
  await expect(left.getByRole('listitem')).toHaveText(['line 22 of mean.csv · region: North']);
  await expect(cell(23)).toHaveValue('South');
  await expect(save).toHaveText('Save 1 correction');
  await left.getByRole('button', { name: 'Discard what was typed of them' }).click();
  await expect(left).toBeHidden();
  await save.click();
  await expect(told).toContainText('1 row corrected: in the ledger now.');
  expect(await page.evaluate((workspace) => sessionStorage.getItem(`tarazu.corrections.${workspace}`), workspace)).toBeNull();
});

test('a steward goes through the failing cells of all pages of the list, and what was typed on one is kept', async ({ page, request }, info) => {
  const workspace = `pages${info.retry}`;
  const sound = Array.from({ length: 60 }, (_, at) => `PAGE-${at},2026-01-15,North,Milk 1L,1,10.00`);
  const rows = Array.from({ length: 53 }, (_, at) => `PAGE-${at + 60},2026-01-15,Nort,Milk 1L,1,20.00`);
  const sent = await request.post(`/api/v1/runs?filename=pages.csv&workspace=${workspace}`, {
    data: [HEADER, ...sound, ...rows, ''].join('\n'),
    headers: { 'content-type': 'text/csv' },
  });
  expect(sent.status()).toBe(202);
  const { id } = await sent.json();
  const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=${workspace}`)).json();
  await expect.poll(async () => (await run()).status).toBe('complete');

  await page.goto(`/w/${workspace}/exceptions?sort=oldest&view=grid`);
  const cell = (line: number) => page.getByRole('textbox', { name: `region, line ${line} of pages.csv` });
  const save = page.getByRole('button', { name: /^Save/ });
  await expect(save).toBeDisabled();

  // A button goes on from the cell that had the focus.
  await cell(109).focus();
  await page.getByRole('button', { name: 'Next failing cell' }).click();
  await expect(cell(110)).toBeFocused();
  await cell(110).fill('North');
  await expect(page.getByText('1 row passes as it stands')).toBeVisible();
  await page.keyboard.press('F8');
  await expect(cell(111)).toBeFocused();
  await page.keyboard.press('F8');
  await expect(page).toHaveURL(/after=/);
  await expect(cell(112)).toBeFocused();
  await expect(page.getByText('3 further on, of 53 rows')).toBeVisible();
  await expect(save).toHaveText('Save 1 correction');

  // The last page is gone through by itself.
  await page.keyboard.press('F8');
  await page.keyboard.press('F8');
  await expect(cell(114)).toBeFocused();
  await page.keyboard.press('F8');
  await expect(cell(112)).toBeFocused();
  await page.goBack();
  await expect(cell(110)).toHaveValue('North');
  await expect(save).toHaveText('Save 1 correction');
  await cell(110).focus();
  await save.click();
  await expect(page.locator('.told')).toContainText('1 row corrected: in the ledger now.');
});
