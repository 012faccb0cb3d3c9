// Forms of Controls that were refused: the page that held the form comes back, accessible and in every width.
import { look } from './looks';
import { expect, test } from './test';

const MEASURED = ['360 dark', '1024 light'];

test('forms that come back with what is wrong are accessible and fit', async ({ page }) => {
  test.setTimeout(120_000);
  const alert = page.getByRole('alert');
  const contract = '/w/refused/controls/contracts/sales';
  await page.goto(`${contract}?edit=0`);
  await page.getByRole('textbox', { name: 'Most of revenue' }).fill('1.234,50');
  await page.getByRole('textbox', { name: 'Hold a file with more exceptions than, %' }).fill('150');
  await page.getByRole('button', { name: 'Save as a draft' }).click();
  await expect(alert).toContainText('Most of revenue: 1.234,50 is no number');
  await expect(alert).toContainText('Hold a file with more exceptions than, %: 150 is no share');
  await expect(alert).toBeFocused();
  const most = page.getByRole('textbox', { name: 'Most of revenue' });
  await expect(most).toHaveAccessibleDescription(/1\.234,50 is no number/);
  await look(page, 'contract-refused', MEASURED);

  await most.fill('');
  await page.getByRole('textbox', { name: 'Hold a file with more exceptions than, %' }).fill('50.00');
  await page.getByRole('button', { name: 'Save as a draft' }).click();
  await expect(alert).toContainText('Nothing was changed in the form');
  await look(page, 'contract-unchanged', MEASURED);

  await page.getByText('Everything else: the contract as text').click();
  await page.getByLabel('The contract as YAML').fill('kind: [Nothing');
  await page.getByRole('button', { name: 'Save the text as a draft' }).click();
  await expect(alert).toContainText('Line 2, column 1');
  await expect(page.getByLabel('The contract as YAML')).toHaveValue('kind: [Nothing');
  await look(page, 'contract-text-refused', MEASURED);

  await page.goto(`${contract}/lists/regions`);
  await page.getByLabel('Change North', { exact: true }).click();
  await page.getByLabel('Another synonym').first().fill('South');
  await page.getByRole('button', { name: 'Add to North', exact: true }).click();
  await expect(alert).toContainText('is the value South');
  await expect(page.getByLabel('Another synonym').first()).toHaveValue('South');
  await look(page, 'list-refused', MEASURED);
  const buffer = Buffer.from('value,synonyms\n,x\nNorth,\nnorth,\n');
  await page.getByLabel('File', { exact: true }).setInputFiles({ name: 'a-list-with-a-rather-long-name-of-2026.csv', mimeType: 'text/csv', buffer });
  await page.getByRole('button', { name: 'Upload and compare' }).click();
  await expect(alert.getByRole('listitem')).toHaveCount(2);
  await look(page, 'list-file-refused', MEASURED);
});
