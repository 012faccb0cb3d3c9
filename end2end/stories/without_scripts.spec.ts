import { expectBalance, expectChart, expectFailed } from './check';
import { write } from './sales';
import { expect, test } from './test';

test.use({ javaScriptEnabled: false });

test('without JavaScript a file is sent by a form, and every page can be read', async ({ page }, info) => {
  const path = info.outputPath('plain.csv');
  const truth = await write(path, 1_000, 'plain');
  await page.goto('/');
  await expect(page.getByText('No preview here.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try 5,000 sample rows' })).toBeHidden();
  await page.getByLabel('Choose a file').setInputFiles(path);
  await page.getByRole('button', { name: 'Send without preview' }).click();
  await page.waitForURL(/\/runs\/run_[0-9a-f]{32}/);

  // Until the run has ended its page asks for itself again.
  await expect(page.getByRole('heading', { name: 'All controls' })).toBeVisible({ timeout: 60_000 });
  await expectBalance(page, truth);
  await expectFailed(page, truth.failed);
  for (const title of ['Failures by control', 'Revenue by region', /^Revenue per (day|week|month)$/]) {
    await expectChart(page, title);
  }
  const rows = page.getByRole('region', { name: 'Rows with findings' });
  await rows.getByRole('link', { name: 'Next' }).click();
  await expect(rows.getByText('51 to 100 of 100 rows')).toBeVisible();

  for (const name of ['Runs', 'Sales', 'Audit', 'Controls', 'Check']) {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
    await expect(page.getByText('Loading …')).toHaveCount(0);
  }

  await page.goto('/sales');
  await page.getByRole('combobox', { name: 'Region' }).selectOption('North');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/region=North/);
  await expect(page.getByRole('combobox', { name: 'Region' })).toHaveValue('North');
  await expect(page.getByRole('link', { name: /^North: .* 100.00 %$/ })).toBeVisible();
});
