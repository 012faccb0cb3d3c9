import { open, sampleButton, submit, submitButton, verdict } from './check';
import { expect, named, requests, test, uploads } from './test';

test('the sample is checked in the browser, submitted, and never counts with real data', async ({ page }) => {
  await open(page);
  const sent = requests(page);
  await sampleButton(page).click();
  await expect(verdict(page)).toBeVisible();
  const balance = page.getByRole('region', { name: 'Rows and money' });
  await expect(balance.getByRole('row', { name: /^Read/ }).getByRole('cell').first()).toHaveText('5,000');
  await expect(balance).toContainText('add up to what was read');
  await expect(page.getByText('Nothing has been sent yet.')).toBeVisible();
  expect(sent.map(named)).toEqual([]);

  const run = await submit(page);
  expect(run).toMatch(/^\/w\/sample\/runs\/run_/);
  await expect(page.getByText('server and browser agree')).toBeVisible();
  for (const name of ['Check', 'Runs', 'Sales', 'Audit', 'Controls']) {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
    await expect(page.getByText('Sample workspace: never counts with real data.')).toBeVisible();
  }

  await page.goto('/w/sample/runs');
  await expect(page.getByRole('link', { name: /sample_5000_rows\.csv/ }).first()).toBeVisible();
  await page.goto('/runs');
  await expect(page.getByRole('heading', { level: 1, name: 'Runs' })).toBeVisible();
  await expect(page.getByText('sample_5000_rows.csv')).toHaveCount(0);

  // The same bytes once more: the earlier run is shown, and nothing is uploaded.
  await open(page);
  await sampleButton(page).click();
  await expect(verdict(page)).toBeVisible();
  const again = requests(page);
  await submitButton(page).click();
  await page.getByRole('link', { name: 'See that run' }).click();
  await expect(page).toHaveURL(run);
  expect(uploads(again)).toEqual([]);
});
