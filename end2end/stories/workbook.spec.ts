import { resolve } from 'node:path';
import { choose, drop, open, submit, verdict } from './check';
import { expect, requests, test, uploads } from './test';

/** Seen from `end2end`, where the stories run. */
const FOLDER = '../src/engine/tests/workbooks';

test('a workbook is opened here, its sheets are chosen here, and the server agrees', async ({ page }) => {
  const programs: string[] = [];
  page.on('request', (request) => programs.push(new URL(request.url()).pathname));
  await open(page);
  const sent = requests(page);
  // What opens workbooks is not loaded before one comes.
  expect(programs.filter((it) => it.includes('sheets'))).toEqual([]);
  // Dropped, it is read as Excel shows it; what is peculiar about it is told.
  await drop(page, resolve(FOLDER, 'orders.xlsx'));
  await expect(verdict(page)).toContainText('3 of 5');
  await expect(page.getByText('Read as sheet April · xlsx · header in row 3')).toBeVisible();
  const about = page.getByRole('region', { name: 'About this file' });
  for (const told of ['3 other sheets were not read', '1 row is hidden', 'the first is #N/A in F7', '1 place has merged cells']) {
    await expect(about).toContainText(told);
  }
  expect(programs.filter((it) => it.endsWith('/sheets_bg.wasm'))).toHaveLength(1);

  // Another sheet.
  await page.getByText('Read as sheet April').click();
  await page.getByRole('button', { name: 'Read this one: May' }).click();
  await expect(page.getByText('Read as sheet May')).toBeVisible();
  await expect(verdict(page)).toContainText('The one row can be loaded.');

  // All that have one header, as is proposed; what was unfolded stays so.
  await expect(page.getByRole('table', { name: 'Sheets of the workbook' })).toBeVisible();
  await about.getByRole('button', { name: 'Read it so' }).click();
  await expect(page.getByText('Read as sheets April, May')).toBeVisible();
  await expect(verdict(page)).toContainText('4 of 6');
  expect(uploads(sent)).toEqual([]);

  // The workbook itself goes to the server, with the choice.
  const run = await submit(page);
  await expect(page.getByText('Confirmed: server and browser agree')).toBeVisible();
  await expect(page.getByText('2 sheets are read as one file')).toBeVisible();
  const answer = await (await page.request.get(`/api/v1${run}`)).json();
  expect(answer.verdict.options.workbook).toEqual({ format: 'xlsx', sheets: ['April', 'May'], first_lines: [1, 9] });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'The file as it came' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('orders.xlsx');
});

test('every format gives here what it gives on the server', async ({ page }) => {
  for (const [name, rows] of [['orders.xls', '3 of 5'], ['orders.xlsb', '3 of 5'], ['orders.ods', '3 of 5'], ['page.xls', 'All 2 rows']]) {
    await open(page);
    await choose(page, `${FOLDER}/${name}`);
    await expect(verdict(page)).toContainText(rows);
    await submit(page);
    await expect(page.getByText('Confirmed: server and browser agree')).toBeVisible();
  }
});

test('a workbook with a password is told, and not guessed at', async ({ page }) => {
  await open(page);
  await choose(page, `${FOLDER}/password.xlsx`);
  await expect(verdict(page)).toContainText('Cannot be loaded');
  await expect(verdict(page)).toContainText('The workbook has a password; save it without one');
});

test('how a text is read can be changed, and is sent along', async ({ page }) => {
  const header = 'Order No,order_date,region,product,quantity,revenue\n';
  const rows = 'A-1,03/04/2025,North,Milk 1L,2,100\nA-2,04/13/2025,North,Milk 1L,2,100\n';
  await open(page);
  await choose(page, { name: 'american.csv', mimeType: 'text/csv', buffer: Buffer.from(header + rows) });
  await expect(verdict(page)).toContainText('1 of 2');
  await page.getByRole('button', { name: 'Read it so' }).click();
  await expect(verdict(page)).toContainText('All 2 rows can be loaded.');

  await page.getByText(/^Read as comma/).click();
  await page.getByLabel('region is used as').selectOption('not used');
  await expect(verdict(page)).toContainText('Cannot be loaded');
  await page.getByLabel('region is used as').selectOption({ value: 'region' });
  await expect(verdict(page)).toContainText('All 2 rows can be loaded.');

  await page.getByText('Control totals').click();
  await page.getByLabel('Rows', { exact: true }).fill('3');
  await page.keyboard.press('Tab');
  await expect(verdict(page)).toContainText('Cannot be loaded');
  await page.getByLabel('Rows', { exact: true }).fill('2');
  await page.keyboard.press('Tab');
  await page.getByLabel('Sum of the amounts').fill('₹200');
  await page.keyboard.press('Tab');
  await expect(verdict(page)).toContainText('All 2 rows can be loaded.');
  await submit(page);
  await expect(page.getByText('Confirmed: server and browser agree')).toBeVisible();
});
