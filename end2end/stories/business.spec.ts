// What a business user does, from the file on the desk to the sales that came of it.
import { writeFile } from 'node:fs/promises';
import { drop, open, runPage, submitButton, verdict } from './check';
import { count, HEADER, money } from './sales';
import { expect, test } from './test';

const REGIONS = ['North', 'South', 'East', 'West', 'Central'];

test('a file is dropped, three cells are put right, and what was submitted is what Sales shows', async ({ page }, info) => {
  const rows = Array.from({ length: 30 }, (_, at) => ({
    key: `desk-${at}`,
    day: `2026-01-${String(1 + at).padStart(2, '0')}`,
    region: REGIONS[at % 5],
    product: at % 3 === 0 ? 'Cola 500ml' : 'Milk 1L',
    quantity: 1 + (at % 4),
    paise: 12_345 + at * 1_037,
  }));
  const wrong: Record<number, Record<number, string>> = { 4: { 2: 'Centrall' }, 11: { 1: 'last Monday' }, 22: { 5: 'fifty' } };
  const lines = rows.map((it, at) => {
    const cells = [it.key, it.day, it.region, it.product, String(it.quantity), (it.paise / 100).toFixed(2)];
    return cells.map((cell, column) => wrong[at]?.[column] ?? cell).join(',');
  });
  const path = info.outputPath('january_desk.csv');
  await writeFile(path, `${[HEADER, ...lines].join('\n')}\n`);

  await open(page, '/w/desk');
  await drop(page, path);
  await expect(verdict(page)).toContainText('27 of 30');
  const grid = page.getByRole('grid');
  const field = page.getByRole('region', { name: 'Rows of the file' }).getByRole('textbox');
  await grid.focus();
  const mended = [
    ['Centrall', rows[4].region],
    ['last Monday', rows[11].day],
    ['fifty', (rows[22].paise / 100).toFixed(2)],
  ];
  for (const [place, [said, says]] of mended.entries()) {
    await page.keyboard.press('F8');
    await expect(field).toHaveValue(said);
    await page.keyboard.type(says);
    await page.keyboard.press('Enter');
    await expect(verdict(page)).toContainText(place < 2 ? `${28 + place} of 30` : 'All 30 rows can be loaded.');
  }
  await submitButton(page).click();
  await runPage(page);
  await expect(page.getByText('server and browser agree')).toBeVisible();

  // These sales, and no others.
  await page.getByRole('link', { name: 'See these sales' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sales' })).toBeVisible();
  await expect(page.getByText('Rests on 1 run')).toBeVisible();
  const sum = (of: typeof rows) => of.reduce((sum, it) => sum + it.paise, 0);
  const units = rows.reduce((sum, it) => sum + it.quantity, 0);
  const figure = (name: string) => page.locator('.key-figures > div').filter({ has: page.getByText(name, { exact: true }) });
  await expect(figure('Revenue').locator('strong')).toHaveAttribute('title', money(sum(rows)));
  await expect(figure('Orders').locator('strong')).toHaveText(count(rows.length));
  await expect(figure('Average order').locator('strong')).toHaveAttribute('title', money(Math.round(sum(rows) / rows.length)));
  await expect(figure('Units').locator('strong')).toHaveText(count(units));
  await expect(figure('Products sold').locator('strong')).toHaveText('2');
  for (const [title, names, of] of [
    ['Revenue by region', REGIONS, 'region'],
    ['Revenue by product', ['Milk 1L', 'Cola 500ml'], 'product'],
  ] as const) {
    const chart = page.getByRole('figure').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
    await chart.getByText('Table', { exact: true }).click();
    for (const name of names) {
      const those = rows.filter((it) => it[of] === name);
      const line = chart.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
      await expect(line).toContainText(money(sum(those)));
    }
  }

  // And each of them is a row of the file, with what was put right in it.
  await figure('Orders').getByRole('link').click();
  await expect(page.locator('.rows-total')).toHaveText(`${count(rows.length)} rows · ${money(sum(rows))}`);
});
