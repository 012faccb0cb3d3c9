import { readFile } from 'node:fs/promises';
import { choose, open, verdict } from './check';
import { ALL_MEASURED, look } from './looks';
import { write } from './sales';
import { expect, test } from './test';
import { takeYear } from './year';

test('every page is accessible and fits, from 360 to 1920 px, light and dark', async ({ page, request }, info) => {
  test.setTimeout(900_000);
  const path = info.outputPath('looks.csv');
  await write(path, 5_000, 'looks');
  const sent = await request.post('/api/v1/runs?filename=looks.csv', {
    data: await readFile(path),
    headers: { 'content-type': 'text/csv' },
  });
  expect(sent.status()).toBe(202);
  const { id } = await sent.json();
  await expect.poll(async () => (await (await request.get(`/api/v1/runs/${id}`)).json()).status, { timeout: 60_000 }).toBe('complete');

  await takeYear(request, 'look');
  const { contracts } = await (await request.get('/api/v1/contracts')).json();
  const { contract } = contracts[0];
  const draft = { ...contract, version: '2.0.0', null_words: ['N/A'], thresholds: { ...contract.thresholds, hold_above: '0.200000' } };
  const drafted = await request.post('/api/v1/contracts/drafts?workspace=look&note=for the new year', { data: draft });
  expect(drafted.status()).toBe(201);

  for (const [name, address] of [
    ['runs', '/runs'],
    ['run', `/runs/${id}`],
    ['sales', '/sales'],
    ['sales-year', '/w/look/sales'],
    ['sales-compared', '/w/look/sales?period=last-30-days&region=North'],
    ['sales-nothing', '/w/look/sales?product=Nothing'],
    ['home', '/w/look'],
    ['quality', '/w/look/quality'],
    ['exceptions', '/exceptions'],
    ['exceptions-year', '/w/look/exceptions'],
    ['runs-year', '/w/look/runs'],
    ['exceptions-narrowed', '/exceptions?code=VAL06&by=control&step=day&measure=rate'],
    ['exceptions-grid', '/exceptions?view=grid'],
    ['exceptions-text', '/exceptions?q=looks&period=last-30-days'],
    ['exceptions-period', '/w/look/exceptions?period=last-30-days'],
    ['quality-period', '/w/look/quality?period=last-30-days'],
    ['quality-narrowed', '/w/look/quality?region=North&category=Dairy+Products&against=year-ago'],
    ['exceptions-uncounted', '/w/look/exceptions?show=uncounted&period=last-30-days&against=year-ago'],
    ['rows', '/rows'],
    ['search', '/search?q=looks'],
    ['row', `/runs/${id}/rows/7`],
    ['audit', '/audit'],
    ['controls', '/controls'],
    ['contract', '/controls/contracts/sales'],
    ['contract-edit', '/controls/contracts/sales?edit=0'],
    ['contract-draft', '/w/look/controls/contracts/sales?version=1'],
    ['no-such-contract', '/controls/contracts/nothing'],
    ['list', '/controls/contracts/sales/lists/products'],
    ['list-nothing', '/controls/contracts/sales/lists/regions?q=nothing'],
    ['verify', '/verify'],
    ['sample-runs', '/w/sample/runs'],
    ['no-such-run', '/runs/run_00000000000000000000000000000000'],
    ['no-such-page', '/no/such/page'],
  ]) {
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
