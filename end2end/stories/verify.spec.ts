import { expect, test } from './test';
import { HEADER } from './sales';
import { pack, unpack } from './zip';
import type { Page } from '@playwright/test';

const ROWS = ['V-1,2026-01-15,North,Milk 1L,2,240.50', 'V-2,2026-01-15,Atlantis,Milk 1L,2,240.50'];

async function choose(page: Page, name: string, buffer: Buffer) {
  await page.getByLabel('Choose a file').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
}

const lines = (page: Page) => page.getByRole('listitem').filter({ has: page.locator('code') });

test('an evidence file is checked without a network, and one changed byte is told with its place', async ({ page }) => {
  const body = Buffer.from(`${HEADER}\n${ROWS.join('\n')}\n`);
  const begun = await page.request.post('/api/v1/runs?filename=verified.csv', { data: body });
  const { id } = await begun.json();
  const run = `/api/v1/runs/${id}`;
  await expect.poll(async () => (await (await page.request.get(run)).json()).status).toBe('complete');
  const evidence = await (await page.request.get(`${run}/evidence.zip`)).body();
  const log = await (await page.request.get('/api/v1/audit/export')).body();

  await page.goto('/audit');
  await page.getByRole('link', { name: 'Verify a file' }).click();
  await expect(page.getByText('Ready. From here on no network is needed.')).toBeVisible({ timeout: 30_000 });
  await page.context().setOffline(true);

  await choose(page, 'good.zip', evidence);
  await expect(page.getByText('good.zip holds.')).toBeVisible();
  for (const name of ['parts', 'log', 'receipt', 'verdict', 'file', 'judged-again', 'exceptions', 'sample']) {
    await expect(lines(page).filter({ has: page.getByText(name, { exact: true }) })).toContainText('Passed');
  }
  await choose(page, 'log.ndjson', log);
  await expect(page.getByText('log.ndjson holds.')).toBeVisible();

  const parts = unpack(evidence);
  const named = (end: string) => [...parts.keys()].find((it) => it.endsWith(end)) ?? '';
  for (const [name, text, also] of [
    [named('file/verified.csv'), 'V-1', 'verified.csv was changed: its BLAKE3 is'],
    [named('verdict.json'), '"unreadable_rows": 0', 'the verdict was changed: it is not the one that entry'],
    [named('receipt.server.json'), '"findings": 1', "the server's receipt was changed"],
    ['entries.ndjson', '"event":"run.completed"', 'was changed after it was written'],
    ['sample.json', '"raw": "V-1', 'sample.json, row 1: line 2 of'],
  ]) {
    const part = Buffer.from(parts.get(name) ?? '');
    const at = part.indexOf(text) + text.length - 1;
    // The last letter or figure of the text, by one bit.
    const byte = text.endsWith('"') ? at - 1 : at;
    part[byte] ^= 1;
    const changed = new Map(parts).set(name, part);
    await choose(page, 'changed.zip', pack(changed));
    await expect(page.getByText(/changed.zip does not hold/)).toBeVisible();
    await expect(lines(page).filter({ hasText: `${name} was changed` })).toContainText('Failed');
    await expect(lines(page).filter({ hasText: also })).toContainText('Failed');
    await choose(page, 'good.zip', evidence);
    await expect(page.getByText('good.zip holds.')).toBeVisible();
  }
  await page.context().setOffline(false);
});

test('the log of this server is verified in the browser with one click, and evidence of a time is taken along', async ({
  page,
}) => {
  const body = Buffer.from(`${HEADER}\nW-1,2026-01-15,North,Milk 1L,2,240.50\n`);
  const begun = await page.request.post('/api/v1/runs?filename=chain.csv', { data: body });
  const run = `/api/v1/runs/${(await begun.json()).id}`;
  await expect.poll(async () => (await (await page.request.get(run)).json()).status).toBe('complete');

  await page.goto('/audit');
  await page.getByRole('link', { name: 'Verify the chain in this browser' }).click();
  await expect(page.getByText('audit-main.ndjson holds.')).toBeVisible({ timeout: 30_000 });

  await page.goto('/audit');
  await page.getByLabel('Runs from').fill('2020-01-01');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download their evidence' }).click();
  expect((await download).suggestedFilename()).toBe('evidence.zip');
});
