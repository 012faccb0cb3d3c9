import { choose, open, verdict } from './check';
import { ALL_MEASURED, look } from './looks';
import { everyPage } from './pages';
import { expect, test } from './test';

test('every page is accessible and fits, from 360 to 1920 px, light and dark', async ({ page, request }, info) => {
  test.setTimeout(900_000);
  const { path, pages } = await everyPage(request, info, 'look');
  for (const [name, address] of pages) {
    await page.goto(address);
    await expect(page.getByRole('heading').first()).toBeVisible();
    await look(page, name, ALL_MEASURED);
  }
  await open(page);
  await look(page, 'check');
  await choose(page, path);
  await expect(verdict(page)).toBeVisible();
  await look(page, 'check-judged');
  await choose(page, '../src/engine/tests/workbooks/orders.xlsx');
  await page.getByText('Read as sheet April').click();
  await look(page, 'check-workbook');
  await choose(page, { name: 'empty.csv', mimeType: 'text/csv', buffer: Buffer.from('') });
  await expect(verdict(page)).toContainText('Cannot be loaded');
  await look(page, 'check-held');
});
