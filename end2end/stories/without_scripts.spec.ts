import { expectBalance, expectFailed } from './check';
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

  // The page as the server writes it: it shows how far the run is, each time that it is asked for.
  const balance = page.getByRole('region', { name: 'Rows and money' });
  await expect(async () => {
    await page.reload();
    expect(await balance.count()).toBe(1);
  }).toPass();
  await expectBalance(page, truth);
  await expectFailed(page, truth.failed);
  for (const chart of [/^Failures by control/, /^Revenue by region/, /^Revenue per/]) {
    await expect(page.getByRole('group', { name: chart })).toBeVisible();
  }
  const rows = page.getByRole('region', { name: 'Rows with findings' }).first();
  await rows.getByRole('link', { name: 'Next' }).click();
  await expect(rows.getByText('51 to 100 of 100 rows')).toBeVisible();

  for (const name of ['Runs', 'Sales', 'Audit', 'Controls', 'Check']) {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
    await expect(page.getByText('Loading …')).toHaveCount(0);
  }
});
