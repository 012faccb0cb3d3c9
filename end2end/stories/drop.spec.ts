import { readFile } from 'node:fs/promises';
import { drop, expectBalance, expectChart, expectFailed, open, runPage, submitButton, verdict } from './check';
import { count, money, write } from './sales';
import { expect, named, requests, test, uploads } from './test';

test('a dropped file is judged here, submitted, judged alike there, and found among the runs', async ({ page }, info) => {
  const path = info.outputPath('april_orders.csv');
  const truth = await write(path, 20_000, 'drop');
  await open(page);
  await page.getByRole('link', { name: 'Controls' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Controls' })).toBeVisible();

  // On whatever page it is dropped, Check opens.
  const sent = requests(page);
  await drop(page, path);
  await expect(page.getByRole('heading', { level: 1, name: 'Check' })).toBeVisible();
  await expect(verdict(page)).toContainText('Not ready');
  await expect(verdict(page)).toContainText('90.00 %');
  await expectBalance(page, truth);
  await expectFailed(page, truth.failed);

  // The rows, with what is wrong with them, to the last one.
  const rows = page.getByRole('region', { name: 'Rows of the file' });
  await expect(rows.getByText(`Row 1 of ${count(truth.exceptions)}`)).toBeVisible();
  await page.getByRole('link', { name: /Show rows: .*\(UNQ01\)/ }).click();
  await expect(rows.getByText(`Row 1 of ${count(truth.failed.UNQ01)}`)).toBeVisible();
  await rows.getByRole('grid').focus();
  await page.keyboard.press('Control+End');
  const last = count(truth.failed.UNQ01);
  await expect(rows.getByText(`Row ${last} of ${last}`)).toBeVisible();
  await expect(rows.getByRole('row').last()).toHaveAttribute('aria-rowindex', String(truth.failed.UNQ01 + 1));
  // Charts of what would be accepted, drawn here.
  const regions = Object.fromEntries(Object.entries(truth.regions).map(([region, paise]) => [region, money(paise)]));
  await expectChart(page, 'Revenue by region, accepted rows', regions);
  await expectChart(page, 'Failures by control');
  // The page itself asks what stands in the ledger; of the file nothing goes.
  expect(sent.map(named).filter((it) => it !== 'GET /pages/page')).toEqual([]);

  // What the page shows of the stages is noted as it changes: a quick run is over before one can look.
  await page.evaluate(() => {
    const noted = new Set<string>();
    const note = () =>
      document.querySelectorAll('.stage-list li .running').forEach((it) => noted.add((it.textContent ?? '').trim()));
    new MutationObserver(note).observe(document.body, { childList: true, subtree: true, attributes: true });
    Object.assign(window, { noted });
  });
  await submitButton(page).click();
  const run = await runPage(page);
  expect(run).toMatch(/^\/runs\/run_/);
  const stages = await page.evaluate(() => [...(window as unknown as { noted: Set<string> }).noted]);
  expect(stages.length).toBeGreaterThan(0);
  expect(uploads(sent)).toEqual(['POST /api/v1/runs']);
  const asked = sent.map(named);
  const digest = asked.findIndex((it) => it.startsWith('GET /api/v1/digests/'));
  expect(digest).toBeGreaterThanOrEqual(0);
  expect(digest).toBeLessThan(asked.indexOf('POST /api/v1/runs'));

  await expectBalance(page, truth);
  await expectFailed(page, truth.failed);
  await expect(page.getByText(`${count(truth.accepted)} rows`).first()).toBeVisible();
  await page.getByText('server and browser agree').click();
  for (const stage of ['Validate', 'Isolate', 'Transform', 'Load', 'Summarise']) {
    await expect(page.getByText(stage, { exact: true }).first()).toBeVisible();
  }
  await expectChart(page, 'Revenue by region', regions);
  await expectChart(page, /^Revenue per (day|week|month)$/);
  await expectChart(page, 'Failures by control');

  // Its exceptions go along as CSV: every row, whole, with its reason.
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Exceptions (CSV)' }).click(),
  ]);
  const csv = await readFile(await download.path(), 'utf8');
  expect(csv.trimEnd().split(/\r?\n/)).toHaveLength(truth.exceptions + 1);
  expect(csv).toContain('tarazu_reasons');

  // The list of runs leads back to it.
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Runs' }).click();
  const line = page.getByRole('row').filter({ hasText: 'april_orders.csv' });
  await expect(line).toHaveCount(1);
  await expect(line).toContainText('Complete');
  await expect(line).toContainText(count(truth.accepted));
  await line.getByRole('link').first().click();
  await expect(page).toHaveURL(run);
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1, name: 'Runs' })).toBeVisible();
});
