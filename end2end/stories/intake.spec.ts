import { choose, expectFailed, open, runPage, submit, submitButton, verdict } from './check';
import { HEADER } from './sales';
import { expect, requests, test, uploads } from './test';

const csv = (name: string, lines: string[], header = HEADER) => ({
  name,
  mimeType: 'text/csv',
  buffer: Buffer.from([header, ...lines].join('\n')),
});
const row = (key: string, region = 'North', date = '2026-01-15') => `${key},${date},${region},Milk 1L,2,100.00`;

test('several files are judged in turn, and each is opened from their list', async ({ page }) => {
  await open(page);
  await page.getByLabel('Choose a file').setInputFiles([
    csv('one.csv', [row('many-1'), row('many-2')]),
    csv('two.csv', [row('many-3', 'Atlantis'), row('many-4'), row('many-5')]),
    csv('three.csv', [row('many-6')]),
  ]);
  const files = page.getByRole('region', { name: 'Files', exact: true });
  await expect(files.getByRole('row', { name: /one\.csv/ })).toContainText('All 2 rows can be loaded');
  await expect(files.getByRole('row', { name: /two\.csv/ })).toContainText('2 of 3');
  await expect(files.getByRole('row', { name: /three\.csv/ })).toContainText('Ready');
  await expect(verdict(page)).toContainText('one.csv');
  await files.getByRole('button', { name: 'Open it: two.csv' }).click();
  await expect(verdict(page)).toContainText('2 of 3');
  await expect(files.getByRole('row', { name: /one\.csv/ })).toContainText('All 2 rows');
});

test('a table that was copied is pasted and judged', async ({ page }) => {
  await open(page);
  const table = [HEADER, row('paste-1'), row('paste-2')].map((it) => it.replaceAll(',', '\t')).join('\r\n');
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  }, table);
  await expect(verdict(page)).toContainText('pasted_table.tsv');
  await expect(verdict(page)).toContainText('All 2 rows can be loaded.');
});

test('a file that was submitted is read otherwise, and nothing is uploaded', async ({ page }) => {
  await open(page);
  await choose(page, csv('other.csv', ['again-1,01/02/2026,Nort,Milk 1L,2,100.00', row('again-2')]));
  await expect(verdict(page)).toContainText('1 of 2');
  await submitButton(page).click();
  const before = await runPage(page);
  await page.getByRole('link', { name: 'Open in Check' }).click();
  await expect(verdict(page)).toContainText('1 of 2');
  await expect(page.getByText('nothing is uploaded')).toBeVisible();
  const sent = requests(page);
  await page.getByRole('grid').focus();
  await page.keyboard.press('F8');
  await page.keyboard.type('North');
  await page.keyboard.press('Enter');
  await expect(verdict(page)).toContainText('All 2 rows can be loaded.');
  await submitButton(page).click();
  await page.waitForURL((it) => it.pathname.startsWith('/runs/') && it.pathname !== before);
  await runPage(page);
  await expect(page.getByText('server and browser agree')).toBeVisible();
  expect(uploads(sent)).toEqual([`POST /api/v1${before}/again`]);
});

test('a file that was opened while that of a run is on its way stays', async ({ page }) => {
  await open(page);
  await choose(page, csv('sent.csv', [row('late-1'), row('late-2')]));
  await submit(page);
  const address = /\/api\/v1\/runs\/run_[0-9a-f]+\/file\?/;
  let letGo = () => {};
  const held = new Promise<void>((done) => (letGo = done));
  await page.route(address, async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole('link', { name: 'Open in Check' }).click();
  await expect(page.getByText('Fetching the file of the run …')).toBeVisible();
  await choose(page, csv('meanwhile.csv', [row('meanwhile-1', 'Nort'), row('meanwhile-2')]));
  await expect(verdict(page)).toContainText('meanwhile.csv');
  await Promise.all([page.waitForResponse(address), letGo()]);
  await page.getByRole('grid').focus();
  await page.keyboard.press('F8');
  await page.keyboard.type('North');
  await page.keyboard.press('Enter');
  await expect(verdict(page)).toContainText('All 2 rows can be loaded.');
  await expect(verdict(page)).toContainText('meanwhile.csv');
  await expect(page.getByText('This is the file of')).toHaveCount(0);
});

test('columns that are not known are shown with what they hold, and remembered for the next file', async ({ page }) => {
  const header = 'bill,order_date,region,product,quantity,revenue';
  await open(page);
  await choose(page, csv('bills.csv', [row('bill-1'), row('bill-2')], header));
  await expect(verdict(page)).toContainText('Cannot be loaded');
  const bill = page.getByRole('row', { name: /^bill / });
  await expect(bill).toContainText('bill-1, bill-2');
  await bill.getByRole('combobox').first().selectOption('Order id');
  await expect(verdict(page)).toContainText('All 2 rows can be loaded.');

  await open(page);
  await choose(page, csv('more_bills.csv', [row('bill-3')], header));
  await expect(verdict(page)).toContainText('The one row can be loaded.');
});

test('what only the server can judge is said before submit, and judged then', async ({ page }) => {
  await open(page);
  await choose(page, csv('before.csv', [row('later-1'), row('later-2')]));
  await expect(verdict(page)).toContainText('1 control runs on submit: UNQ02.');
  await submit(page);

  await open(page);
  await choose(page, csv('after.csv', [row('later-2'), row('later-3'), row('later-4'), row('later-5')]));
  await expect(verdict(page)).toContainText('All 4 rows can be loaded.');
  await expect(verdict(page)).toContainText('1 control runs on submit: UNQ02.');
  const controls = page.getByRole('region', { name: 'Controls' });
  const key = controls.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'UNQ02', exact: true }) });
  await expect(key).toContainText('Not run');
  await submit(page);
  await expect(page.getByText('server and browser agree')).toBeVisible();
  await expect(key).not.toContainText('Not run');
  await expectFailed(page, { UNQ02: 1 });
});

test('where the server cannot be asked about the digest, nothing is said to have been sent', async ({ page }) => {
  await open(page);
  await choose(page, csv('away.csv', [row('away-1')]));
  await expect(verdict(page)).toContainText('The one row can be loaded.');
  await page.route('**/api/v1/digests/**', (route) => route.abort());
  await submitButton(page).click();
  const trouble = page.getByRole('region', { name: 'Submit' }).getByRole('alert');
  await expect(trouble).toContainText('The connection to the server was lost');
  await expect(trouble).toContainText('The file and its verdict are still here.');
  await expect(trouble).not.toContainText('sent');
});
