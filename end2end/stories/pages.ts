// Every page as it mostly is: of a file of thousands of rows in the main workspace, and of a year of 24 runs in one of
// its own.
import type { APIRequestContext, TestInfo } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { write } from './sales';
import { expect } from './test';
import { takeYear } from './year';

/** Takes in what the pages show, and returns the path of the file, and the name and address of each page. */
export async function everyPage(request: APIRequestContext, info: TestInfo, year: string) {
  const path = info.outputPath(`${year}s.csv`);
  await write(path, 5_000, `${year}s`);
  const sent = await request.post(`/api/v1/runs?filename=${year}s.csv`, {
    data: await readFile(path),
    headers: { 'content-type': 'text/csv' },
  });
  expect(sent.status()).toBe(202);
  const { id } = await sent.json();
  await expect.poll(async () => (await (await request.get(`/api/v1/runs/${id}`)).json()).status, { timeout: 60_000 }).toBe('complete');

  await takeYear(request, year);
  const { contracts } = await (await request.get('/api/v1/contracts')).json();
  const { contract } = contracts[0];
  const draft = { ...contract, version: '2.0.0', null_words: ['N/A'], thresholds: { ...contract.thresholds, hold_above: '0.200000' } };
  const drafted = await request.post(`/api/v1/contracts/drafts?workspace=${year}&note=for the new year`, { data: draft });
  expect(drafted.status()).toBe(201);

  const pages: [name: string, address: string][] = [
    ['runs', '/runs'],
    ['run', `/runs/${id}`],
    ['sales', '/sales'],
    ['sales-year', `/w/${year}/sales`],
    ['sales-compared', `/w/${year}/sales?period=last-30-days&region=North`],
    ['sales-nothing', `/w/${year}/sales?product=Nothing`],
    ['home', `/w/${year}`],
    ['quality', `/w/${year}/quality`],
    ['exceptions', '/exceptions'],
    ['exceptions-year', `/w/${year}/exceptions`],
    ['runs-year', `/w/${year}/runs`],
    ['exceptions-narrowed', '/exceptions?code=VAL06&by=control&step=day&measure=rate'],
    ['exceptions-grid', '/exceptions?view=grid'],
    ['exceptions-text', `/exceptions?q=${year}s&period=last-30-days`],
    ['exceptions-period', `/w/${year}/exceptions?period=last-30-days`],
    ['quality-period', `/w/${year}/quality?period=last-30-days`],
    ['quality-narrowed', `/w/${year}/quality?region=North&category=Dairy+Products&against=year-ago`],
    ['exceptions-uncounted', `/w/${year}/exceptions?show=uncounted&period=last-30-days&against=year-ago`],
    ['rows', '/rows'],
    ['search', `/search?q=${year}s`],
    ['row', `/runs/${id}/rows/7`],
    ['audit', '/audit'],
    ['controls', '/controls'],
    ['contract', '/controls/contracts/sales'],
    ['contract-edit', '/controls/contracts/sales?edit=0'],
    ['contract-draft', `/w/${year}/controls/contracts/sales?version=1`],
    ['no-such-contract', '/controls/contracts/nothing'],
    ['list', '/controls/contracts/sales/lists/products'],
    ['list-nothing', '/controls/contracts/sales/lists/regions?q=nothing'],
    ['verify', '/verify'],
    ['sample-runs', '/w/sample/runs'],
    ['no-such-run', '/runs/run_00000000000000000000000000000000'],
    ['no-such-page', '/no/such/page'],
  ];
  return { path, pages };
}
