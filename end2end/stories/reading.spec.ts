import type { Page } from '@playwright/test';
import { choose, open, submit, verdict } from './check';
import { HEADER } from './sales';
import { expect, requests, test, uploads } from './test';

const csv = (name: string, lines: string[]) => ({
  name,
  mimeType: 'text/csv',
  buffer: Buffer.from(`${lines.join('\n')}\n`),
});
const list = (page: Page, name: string) => page.getByRole('combobox', { name, exact: true });
const readAs = (page: Page, form: string) => expect(page.getByText(`Read as ${form}`)).toBeVisible();
const unfold = (page: Page) => page.getByText(/^Read as /).click();
const says = (page: Page, text: string) => expect(verdict(page)).toContainText(text);

test('delimiter, encoding, header and dates are changed by hand, and the file is judged again at once', async ({ page }) => {
  await open(page);
  const sent = requests(page);

  await choose(page, csv('pipes.csv', [HEADER.replaceAll(',', '|'), 'pipe-1|2026-01-15|North|Milk 1L|2|100.00']));
  await says(page, 'The one row can be loaded.');
  await readAs(page, 'pipe · UTF-8 · header in line 1 · dates YYYY-MM-DD');
  await expect(list(page, 'Delimiter')).toBeHidden();
  await unfold(page);
  await list(page, 'Delimiter').selectOption('comma');
  await readAs(page, 'comma · UTF-8 · header in line 1');
  await says(page, 'Cannot be loaded');
  await list(page, 'Delimiter').selectOption('pipe');
  await says(page, 'The one row can be loaded.');

  // Bytes that are text in two encodings.
  await choose(
    page,
    csv('cafe.csv', [HEADER, 'cafe-1,2026-01-15,Café,Milk 1L,2,100.00', 'cafe-2,2026-01-15,North,Milk 1L,2,100.00']),
  );
  const fault = page.getByRole('grid').locator('td.fault');
  await expect(fault).toHaveText(['Café']);
  await unfold(page);
  await list(page, 'Encoding').selectOption('Windows-1252');
  await readAs(page, 'comma · WINDOWS-1252 · header in line 1');
  await expect(fault).toHaveText(['CafÃ©']);
  await list(page, 'Encoding').selectOption('UTF-8');
  await expect(fault).toHaveText(['Café']);

  // How it is read is unfolded where the file lacks columns.
  const above = 'order_id,order_date,region,old,names,here';
  await choose(page, csv('below.csv', [above, HEADER, 'below-1,2026-01-15,North,Milk 1L,2,100.00']));
  await says(page, 'Cannot be loaded');
  const header = page.getByLabel('Header in line');
  await header.fill('2');
  await page.keyboard.press('Tab');
  await says(page, 'The one row can be loaded.');
  await readAs(page, 'comma · UTF-8 · header in line 2');
  await header.fill('0');
  await page.keyboard.press('Tab');
  await says(page, 'Cannot be loaded');
  await readAs(page, 'comma · UTF-8 · no header');

  await choose(
    page,
    csv('american.csv', [HEADER, 'form-1,04/13/2025,North,Milk 1L,2,100', 'form-2,03/04/2025,North,Milk 1L,2,100']),
  );
  await says(page, '1 of 2');
  await readAs(page, 'comma · UTF-8 · header in line 1 · dates DD-MM-YYYY');
  await unfold(page);
  const dates = page.getByLabel('How the dates of order_date are written');
  await expect(dates.getByRole('option', { selected: true })).toHaveText('as found: DD-MM-YYYY');
  await dates.selectOption('MM-DD-YYYY');
  await says(page, 'All 2 rows can be loaded.');
  await readAs(page, 'comma · UTF-8 · header in line 1 · dates MM-DD-YYYY');
  await dates.selectOption('as the contract has them');
  await says(page, '1 of 2');
  await readAs(page, 'comma · UTF-8 · header in line 1 · dates DD-MM-YYYY');
  expect(uploads(sent)).toEqual([]);
});

test('amounts with a comma are read so where it is said, and the server reads them alike', async ({ page }) => {
  await open(page);
  // Between semicolons the amounts say it themselves.
  const lines = ['euro-1;2026-01-15;North;Milk 1L;2;1.234,56', 'euro-2;2026-01-15;North;Milk 1L;2;10'];
  await choose(page, csv('euro.csv', [HEADER.replaceAll(',', ';'), ...lines]));
  await says(page, 'All 2 rows can be loaded.');
  await says(page, '₹1,244.56');

  const quoted = ['comma-1,2026-01-15,North,Milk 1L,2,"1234,56"', 'comma-2,2026-01-15,North,Milk 1L,2,10'];
  await choose(page, csv('comma.csv', [HEADER, ...quoted]));
  await says(page, '1 of 2');
  await unfold(page);
  await page.getByLabel('Amounts are written 1.234,56').click();
  await says(page, 'All 2 rows can be loaded.');
  await says(page, '₹1,244.56');
  await submit(page);
  await expect(page.getByText('Confirmed: server and browser agree')).toBeVisible();
});

test('a column whose name is nearly right is proposed, and read so when that is pressed', async ({ page }) => {
  await open(page);
  await choose(page, csv('plain.csv', [HEADER, 'plain-1,2026-01-15,North,Milk 1L,2,100.00']));
  await says(page, 'The one row can be loaded.');
  // Nobody is asked about columns that are known.
  await expect(page.getByLabel('region is used as')).toBeHidden();

  await choose(page, csv('near.csv', [HEADER.replace('region', 'Regoin'), 'near-1,2026-01-15,North,Milk 1L,2,100.00']));
  await says(page, 'Cannot be loaded');
  const column = page.getByLabel('Regoin is used as');
  await expect(column).toBeVisible();
  await expect(column).toHaveValue('');
  const about = page.getByRole('region', { name: 'About this file' });
  await expect(about).toContainText('Read the column Regoin as Region');
  await about.getByRole('button', { name: 'Read it so' }).click();
  await says(page, 'The one row can be loaded.');
  await expect(column).toHaveValue('region');
  await expect(about).toHaveCount(0);
  await submit(page);
  await expect(page.getByText('Confirmed: server and browser agree')).toBeVisible();
});

test('mapping and options outlive a reload, until they are discarded', async ({ page }) => {
  const lines = [
    HEADER.replace('order_id', 'bill_no'),
    'no-1,03/04/2025,North,Milk 1L,2,100',
    'no-2,04/13/2025,North,Milk 1L,2,100',
  ];
  const file = csv('bill_numbers.csv', lines);
  const kept = page.getByRole('region', { name: 'Kept from earlier' });
  await open(page);
  await choose(page, file);
  await says(page, 'Cannot be loaded');
  await page.getByLabel('bill_no is used as').selectOption('Order id');
  await says(page, '1 of 2');
  await page.getByLabel('How the dates of order_date are written').selectOption('MM-DD-YYYY');
  await says(page, 'All 2 rows can be loaded.');
  await list(page, 'Encoding').selectOption('Windows-1252');
  await readAs(page, 'comma · WINDOWS-1252 · header in line 1');

  // What is said of the columns holds for every file of this header; the rest is taken up when that is asked.
  await open(page);
  await choose(page, file);
  await says(page, 'All 2 rows can be loaded.');
  await readAs(page, 'comma · UTF-8 · header in line 1');
  await expect(kept).toContainText('You changed how this file is read and did not submit it.');
  await kept.getByRole('button', { name: 'Take that up again' }).click();
  await readAs(page, 'comma · WINDOWS-1252 · header in line 1');
  await says(page, 'All 2 rows can be loaded.');
  await expect(kept).toHaveCount(0);

  await open(page);
  await choose(page, csv('more_numbers.csv', [...lines, 'no-3,04/14/2025,South,Milk 1L,1,50']));
  await says(page, 'All 3 rows can be loaded.');
  await expect(kept).toHaveCount(0);

  await choose(page, file);
  await kept.getByRole('button', { name: 'Discard it' }).click();
  await expect(kept).toHaveCount(0);
  await open(page);
  await choose(page, file);
  await says(page, 'All 2 rows can be loaded.');
  await readAs(page, 'comma · UTF-8 · header in line 1');
  await expect(kept).toHaveCount(0);
});
