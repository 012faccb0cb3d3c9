import type { Page } from '@playwright/test';
import { choose, open, runPage, submitButton, verdict } from './check';
import { glance } from './looks';
import { HEADER } from './sales';
import { expect, test, uploads, requests } from './test';

/** Forty rows of which seven fail, three by the same wrong region. */
function file(prefix: string) {
  const region: Record<number, string> = { 3: 'Nort', 9: 'Nort', 15: 'Nort', 21: '' };
  const lines = Array.from({ length: 40 }, (_, at) => {
    const date = at === 5 ? 'invalid_date' : '2026-01-15';
    const revenue = at === 7 ? '-10.00' : at === 30 ? 'ten' : '100.00';
    return `${prefix}-${at},${date},${region[at] ?? 'South'},Milk 1L,2,${revenue}`;
  });
  return { name: `${prefix}.csv`, mimeType: 'text/csv', buffer: Buffer.from(`${HEADER}\n${lines.join('\n')}\n`) };
}

const grid = (page: Page) => page.getByRole('grid');
const field = (page: Page) => page.getByRole('region', { name: 'Rows of the file' }).getByRole('textbox');
const accepted = (page: Page, rows: number) => expect(verdict(page)).toContainText(`${rows} of 40`);

test('cells are put right before submit, and the run shows them', async ({ page }) => {
  await open(page);
  const sent = requests(page);
  await choose(page, file('mended'));
  await accepted(page, 33);
  const rows = page.getByRole('region', { name: 'Rows of the file' });
  await expect(rows).toContainText('Row 1 of 7');

  // A value that is wrong everywhere, with what it may mean and its number of rows.
  await page.getByRole('button', { name: 'Replace in 3 rows' }).click();
  await accepted(page, 36);
  await expect(rows).toContainText('of 4');

  // By keyboard alone: to the next failing cell, write, on.
  await grid(page).focus();
  await page.keyboard.press('F8');
  await expect(field(page)).toHaveValue('invalid_date');
  await expect(rows.locator('#cell-said')).toContainText('VAL03');
  await page.keyboard.type('2026-01-16');
  await page.keyboard.press('Enter');
  await accepted(page, 37);
  await expect(grid(page)).toBeFocused();
  await page.keyboard.press('Control+z');
  await accepted(page, 36);
  await page.keyboard.press('Control+y');
  await accepted(page, 37);

  // Every row, and a block out of a spreadsheet.
  await rows.getByRole('link', { name: 'Every row' }).click();
  await expect(rows).toContainText('of 40');
  await grid(page).focus();
  await page.keyboard.press('Control+Home');
  for (let at = 0; at < 30; at++) await page.keyboard.press('ArrowDown');
  for (let at = 0; at < 5; at++) await page.keyboard.press('ArrowRight');
  await expect(rows.getByText('quantity, line 32')).toBeVisible();
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', '3\t30.00\r\n4\t40.00\r\n');
    document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await accepted(page, 38);
  await rows.getByRole('link', { name: 'Corrected' }).click();
  await expect(rows).toContainText('of 6');
  await expect(verdict(page)).toContainText('Corrected before submit: 8 cells in 6 rows');
  expect(uploads(sent)).toEqual([]);

  await submitButton(page).click();
  await runPage(page);
  await expect(page.getByText('server and browser agree')).toBeVisible();
  await expect(page.getByText('Corrected before submit: 8 cells in 6 rows').first()).toBeVisible();
  await page.getByText('What was corrected').click();
  await expect(page.getByRole('row', { name: /order_date invalid_date 2026-01-16/ })).toBeVisible();

  // What was submitted is kept no longer.
  await open(page);
  await choose(page, file('mended'));
  await accepted(page, 33);
  await expect(page.getByRole('region', { name: 'Kept from earlier' })).toHaveCount(0);
});

test('who types faster than the worker answers loses nothing, and writes into no other row', async ({ page }) => {
  await page.addInitScript(() => {
    window.Worker = class extends Worker {
      override postMessage(...message: unknown[]) {
        setTimeout(() => super.postMessage(...(message as [unknown])), 250);
      }
    };
  });
  await open(page);
  await choose(page, file('hasty'));
  await accepted(page, 33);
  await expect(page.getByRole('region', { name: 'Rows of the file' })).toContainText('Row 1 of 7');
  await grid(page).focus();
  // Each cell is looked for and judged while the keys for the next ones have been pressed already. Every row that passes
  // leaves the list.
  for (const text of ['North', '2026-01-16', '50.00']) {
    await page.keyboard.press('F8');
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
  }
  await page.keyboard.press('F8');
  await page.keyboard.type('Westx');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Enter');
  await accepted(page, 37);
  await page.getByRole('link', { name: 'Corrected', exact: true }).click();
  const corrected = grid(page).locator('td.corrected');
  await expect(corrected).toHaveText(['North', '2026-01-16', '50.00', 'West']);
});

test('rows are narrowed by category and by column, and each failing cell says why', async ({ page }) => {
  const region: Record<number, string> = { 3: 'Nort', 21: '', 33: '' };
  const revenue: Record<number, string> = { 7: '-10.00', 30: 'ten' };
  const lines = Array.from({ length: 40 }, (_, at) => {
    const date = at === 5 || at === 33 ? 'invalid_date' : '2026-01-15';
    return `narrow-${at},${date},${region[at] ?? 'South'},Milk 1L,2,${revenue[at] ?? '100.00'}`;
  });
  const buffer = Buffer.from(`${HEADER}\n${lines.join('\n')}\n`);
  await open(page);
  await choose(page, { name: 'narrow.csv', mimeType: 'text/csv', buffer });
  await accepted(page, 34);
  const rows = page.getByRole('region', { name: 'Rows of the file' });
  const list = (name: string) => rows.getByRole('combobox', { name, exact: true });
  const faults = grid(page).locator('td.fault');
  await expect(rows).toContainText('Row 1 of 6');
  await expect(faults).toHaveText(['Nort', 'invalid_date', '-10.00', 'empty', 'ten', 'invalid_date', 'empty']);

  // Nothing stands between a list and the next one but their distance.
  const loose = await rows.locator('.sheet-filters label').evaluateAll((all) => {
    const end = (it: Element) => it.getBoundingClientRect().right;
    return all.filter((it) => end(it) - end(it.lastElementChild!) > 1).map((it) => it.textContent);
  });
  expect(loose).toEqual([]);

  // A row is of one category, whatever else is wrong with it.
  await list('Category').selectOption('Format error');
  await expect(rows).toContainText('Row 1 of 2');
  await expect(faults).toHaveText(['invalid_date', 'ten']);
  await expect(faults.first()).toHaveAttribute('title', /^invalid_date in order_date is not a date that can be read/);
  await list('Category').selectOption('Missing required field');
  await expect(faults).toHaveText(['empty', 'invalid_date', 'empty']);
  await list('Column').selectOption('order_date');
  await expect(rows).toContainText('Row 1 of 1');
  await expect(page).toHaveURL(/category=MISSING_REQUIRED_FIELD&column=2/);
  await grid(page).focus();
  await page.keyboard.press('F8');
  await expect(field(page)).toHaveValue('invalid_date');

  await list('Category').selectOption('all');
  await expect(rows).toContainText('Row 1 of 2');
  await expect(faults).toHaveText(['invalid_date', 'invalid_date', 'empty']);
  await list('Column').selectOption('region');
  await expect(rows).toContainText('Row 1 of 3');
  await list('Control').selectOption({ value: 'CMP01' });
  await expect(rows).toContainText('Row 1 of 2');
  await list('Column').selectOption('quantity');
  await expect(rows).toContainText('No rows here. Choose another filter.');
  await list('Control').selectOption('all');
  await list('Column').selectOption('all');
  await expect(rows).toContainText('Row 1 of 6');
});

test('corrections outlive a reload, until they are submitted or discarded', async ({ page }) => {
  const same = file('kept');
  await open(page);
  await choose(page, same);
  await accepted(page, 33);
  await grid(page).focus();
  // The key of a row that fails already, and three regions of which one is in that row.
  await page.keyboard.press('Delete');
  await page.getByRole('button', { name: 'Replace in 3 rows' }).click();
  await accepted(page, 35);

  await open(page);
  await choose(page, same);
  await accepted(page, 33);
  await page.getByRole('button', { name: 'Take that up again' }).click();
  await accepted(page, 35);

  await open(page);
  await choose(page, same);
  await page.getByRole('button', { name: 'Discard it' }).click();
  await open(page);
  await choose(page, same);
  await accepted(page, 33);
  await expect(page.getByRole('button', { name: 'Discard it' })).toHaveCount(0);
});

test('what was corrected in one workspace is not offered in another', async ({ page }) => {
  const same = file('elsewhere');
  const kept = page.getByRole('region', { name: 'Kept from earlier' });
  const come = async (address: string) => {
    await open(page, address);
    await choose(page, same);
    await accepted(page, 33);
  };
  await come('/w/one-shop');
  await page.getByRole('button', { name: 'Replace in 3 rows' }).click();
  await accepted(page, 36);
  for (const address of ['/', '/w/another-shop']) {
    await come(address);
    await expect(kept).toHaveCount(0);
  }
  await come('/w/one-shop');
  await expect(kept).toContainText('You corrected 3 cells of this file here');

  // In the main one it has the name that it had before there were others.
  await come('/');
  await page.getByRole('button', { name: 'Replace in 3 rows' }).click();
  await accepted(page, 36);
  const names = await page.evaluate(() => Object.keys(localStorage).filter((it) => it.startsWith('tarazu.file.')));
  expect(names.filter((it) => /^tarazu\.file\.[0-9a-f]{64}$/.test(it))).toHaveLength(1);
  await come('/');
  await expect(kept).toBeVisible();
});

test('what was corrected earlier stays until it is taken up or discarded, whatever is typed meanwhile', async ({ page }) => {
  const same = file('twice');
  const kept = page.getByRole('region', { name: 'Kept from earlier' });
  const again = async () => {
    await open(page);
    await choose(page, same);
    await accepted(page, 33);
  };
  const writeDate = async () => {
    await grid(page).focus();
    for (let at = 0; at < 2; at++) await page.keyboard.press('F8');
    await expect(field(page)).toHaveValue('invalid_date');
    await page.keyboard.type('2026-01-16');
    await page.keyboard.press('Enter');
    await accepted(page, 34);
  };
  await again();
  await page.getByRole('button', { name: 'Replace in 3 rows' }).click();
  await accepted(page, 36);

  // Of the three regions one is in the first failing row; another cell is written without taking them up.
  await again();
  await expect(kept).toContainText('You corrected 3 cells of this file here and did not submit it.');
  await writeDate();
  await expect(kept).toBeVisible();

  await again();
  await expect(kept).toContainText('You corrected 4 cells of this file here');
  await glance(page, 'check-kept');
  await page.getByRole('button', { name: 'Take that up again' }).click();
  await accepted(page, 37);
  await expect(kept).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await accepted(page, 33);
  await page.getByRole('button', { name: 'Redo' }).click();
  await accepted(page, 37);

  // What is discarded is what was kept, and not what was written since.
  await again();
  await writeDate();
  await page.getByRole('button', { name: 'Discard it' }).click();
  await expect(kept).toHaveCount(0);
  await again();
  await expect(kept).toContainText('You corrected 1 cell of this file here');
});

test('a name that is nearly right is proposed, and what nobody sees in it is named', async ({ page }) => {
  const products = ['Milk 1L', 'Mlik 1L', 'Mlik 1L', '\u200bMilk 1L', 'Moon Cheese'];
  const lines = products.map((it, at) => `near-${at},2026-01-15,South,${it},2,100.00`);
  const buffer = Buffer.from(`${HEADER}\n${lines.join('\n')}\n`);
  await open(page);
  await choose(page, { name: 'near.csv', mimeType: 'text/csv', buffer });
  await expect(verdict(page)).toContainText('All 5 rows can be loaded.');

  // There is nothing but warnings, so that these are shown.
  const rows = page.getByRole('region', { name: 'Rows of the file' });
  await expect(rows.getByRole('link', { name: 'Warnings' })).toHaveAttribute('aria-current', 'true');
  await expect(rows).toContainText('Row 1 of 4');
  await expect(page.getByRole('button', { name: /Replace in/ })).toHaveCount(1);
  await page.getByRole('button', { name: 'Replace in 2 rows' }).click();
  await expect(rows).toContainText('of 2');

  await grid(page).focus();
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('F8');
  await expect(rows.locator('#cell-said')).toContainText('[zero-width space]Milk 1L in product is not in the list');
  await rows.getByRole('button', { name: 'Did you mean Milk 1L?' }).click();
  await expect(rows).toContainText('Row 1 of 1');
  await expect(grid(page)).toContainText('Moon Cheese');
  await expect(rows.getByRole('button', { name: /Did you mean/ })).toHaveCount(0);
  await rows.getByRole('link', { name: 'Exceptions' }).click();
  await expect(rows).toContainText('No rows here. Choose another filter.');
});

test('a file is loaded whole or not at all where that is asked', async ({ page }) => {
  await open(page);
  await choose(page, file('whole'));
  await accepted(page, 33);
  await page.getByLabel(/only if every row passes/).check();
  await submitButton(page).click();
  await runPage(page);
  await expect(page.getByText('Held').first()).toBeVisible();
});
