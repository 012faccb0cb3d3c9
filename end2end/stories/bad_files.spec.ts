import { choose, open, submit, submitButton, verdict } from './check';
import { HEADER } from './sales';
import { expect, test } from './test';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const FILES = [
  { name: 'photo.png', bytes: PNG, says: 'The file is an image; export the table itself as CSV', code: 'SCH08' },
  { name: 'empty.csv', bytes: Buffer.from(''), says: 'The file is empty; export it again', code: 'SCH08' },
  {
    name: 'no_revenue.csv',
    bytes: Buffer.from('order_id,order_date,region,product,quantity\n1,2025-01-01,North,Milk 1L,1\n'),
    says: 'revenue',
    code: 'SCH01',
  },
  { name: 'twice.csv', bytes: Buffer.from(`${HEADER},revenue\n`), says: 'revenue', code: 'SCH03' },
];

test('a file that is no table says so, says what to do, and is held on the server with nothing lost', async ({ page }) => {
  for (const file of FILES) {
    await open(page);
    await choose(page, { name: file.name, mimeType: 'text/csv', buffer: file.bytes });
    await expect(verdict(page), file.name).toContainText('Cannot be loaded');
    await expect(verdict(page), file.name).toContainText(file.says);
    await expect(verdict(page), file.name).toContainText(file.code);
    await submit(page);
    await expect(page.getByText('Held').first(), file.name).toBeVisible();
    await expect(page.getByRole('main'), file.name).toContainText(file.says);
    await expect(page.getByText('server and browser agree'), file.name).toBeVisible();
  }
  await page.goto('/runs');
  for (const file of FILES) {
    await expect(page.getByRole('row').filter({ hasText: file.name })).toContainText('Held');
  }
});

test('a header without rows is not ready, and not called good', async ({ page }) => {
  await open(page);
  await choose(page, { name: 'header_only.csv', mimeType: 'text/csv', buffer: Buffer.from(`${HEADER}\n`) });
  await expect(verdict(page)).toContainText('Not ready');
  await expect(verdict(page)).toContainText('There is no row below the header.');
  await expect(verdict(page)).toContainText('There is no row that could be wrong.');
  await expect(verdict(page)).not.toContainText('can be loaded');
  await expect(verdict(page)).toContainText('The server keeps the file. It has no row to load.');
  await expect(submitButton(page)).not.toHaveClass(/main/);
});
