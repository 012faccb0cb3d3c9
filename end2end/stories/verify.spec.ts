import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { drop } from './check';
import { glance } from './looks';
import { expect, test } from './test';
import { HEADER } from './sales';
import { pack, unpack } from './zip';
import type { Page } from '@playwright/test';

const ROWS = ['V-1,2026-01-15,North,Milk 1L,2,240.50', 'V-2,2026-01-15,Atlantis,Milk 1L,2,240.50'];

async function choose(page: Page, name: string, buffer: Buffer) {
  await page.getByLabel('Choose a file').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
}

const lines = (page: Page) => page.getByRole('listitem').filter({ has: page.locator('code') });
const ready = (page: Page) => page.getByText('Ready. From here on no network is needed.');

/** The address of the complete run of such a file. */
async function run(page: Page, filename: string, rows: string[]) {
  const body = Buffer.from(`${HEADER}\n${rows.join('\n')}\n`);
  const begun = await page.request.post(`/api/v1/runs?filename=${filename}`, { data: body });
  const { id } = await begun.json();
  const address = `/api/v1/runs/${id}`;
  await expect.poll(async () => (await (await page.request.get(address)).json()).status).toBe('complete');
  return address;
}

/** Evidence whose file has another last letter than the one that came. */
async function changedEvidence(page: Page, address: string) {
  const parts = unpack(await (await page.request.get(`${address}/evidence.zip`)).body());
  const [name, file] = [...parts].find(([it]) => it.includes('/file/')) ?? ['', Buffer.alloc(0)];
  const changed = Buffer.from(file);
  changed[changed.length - 2] ^= 1;
  return pack(parts.set(name, changed));
}

/** A log of so many entries, each chained to the one before it, in the form that the server writes. */
function chain(length: number): Buffer {
  const sha256 = (...parts: (Buffer | string)[]) => {
    const hash = createHash('sha256');
    for (const it of parts) hash.update(it);
    return hash.digest();
  };
  const written: string[] = [];
  let last: Buffer = Buffer.alloc(32);
  for (let sequence = 1; sequence <= length; sequence++) {
    const [head, tail] = [{ actor: 'ravi' }, { details: {}, event: 'stage.ended' }];
    const place = { run: null, sequence, time: '2026-02-02T10:00:00.000Z', workspace: 'main' };
    const digest = sha256(JSON.stringify({ ...head, ...tail, ...place }));
    last = sha256(last, digest);
    const hash = last.toString('hex');
    written.push(JSON.stringify({ ...head, body_digest: digest.toString('hex'), ...tail, hash, ...place }));
    if (sequence % 1_000 === 0 || sequence === length) written.push(JSON.stringify({ checkpoint: { hash, sequence } }));
  }
  return Buffer.from(`${written.join('\n')}\n`);
}

/** Notes from now on what each page shows of its progress, with the share of its bar, and what it says aloud. */
async function watch(page: Page) {
  await page.addInitScript(() => {
    const seen: { shown: string[]; said: string[] } = { shown: [], said: [] };
    const note = (list: string[], text: string) => text && text !== list.at(-1) && list.push(text);
    new MutationObserver(() => {
      const bar = document.querySelector('.reading-now progress');
      const text = document.querySelector('.reading-now p')?.textContent ?? '';
      note(seen.shown, bar ? `${text} | ${bar.getAttribute('value')}` : '');
      note(seen.said, document.querySelector('[aria-live].hidden')?.textContent ?? '');
    }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    Object.assign(window, { seen });
  });
}

const seen = (page: Page) =>
  page.evaluate(() => (window as unknown as { seen: { shown: string[]; said: string[] } }).seen);

test('an evidence file is checked without a network, and one changed byte is told with its place', async ({ page }, info) => {
  const address = await run(page, 'verified.csv', ROWS);
  // As a reader takes it along.
  await page.goto(address.replace('/api/v1', ''));
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Evidence (zip)' }).click(),
  ]);
  const path = info.outputPath('good.zip');
  await download.saveAs(path);
  const evidence = await readFile(path);
  const log = await (await page.request.get('/api/v1/audit/export')).body();

  await page.goto('/audit');
  await page.getByRole('link', { name: 'Verify a file' }).click();
  await expect(ready(page)).toBeVisible({ timeout: 30_000 });
  await page.context().setOffline(true);

  await drop(page, path);
  await expect(page).toHaveURL('/verify');
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
  await run(page, 'chain.csv', ['W-1,2026-01-15,North,Milk 1L,2,240.50']);
  await watch(page);
  await page.goto('/audit');
  await page.getByRole('link', { name: 'Verify the chain in this browser' }).click();
  await expect(page.getByText('audit-main.ndjson holds.')).toBeVisible({ timeout: 30_000 });
  const { shown, said } = await seen(page);
  expect(said.slice(0, 2)).toEqual(['Fetching audit-main.ndjson.', 'Checking audit-main.ndjson.']);
  expect(shown.at(-1)).toMatch(/^([\d,]+) of \1 entries checked \| 1000$/);

  await page.goto('/audit');
  await page.getByLabel('Runs from').fill('2020-01-01');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download their evidence' }).click();
  expect((await download).suggestedFilename()).toBe('evidence.zip');
});

test('a file is checked whose program is not there yet, or broke, and the one chosen last is the one told of', async ({
  page,
}) => {
  const address = await run(page, 'early.csv', ['E-1,2026-01-15,North,Milk 1L,2,240.50']);
  const good = await (await page.request.get(`${address}/evidence.zip`)).body();
  const changed = await changedEvidence(page, address);
  const reading = (name: string) => page.getByRole('progressbar', { name });
  const broken = page.getByText(/changed.zip does not hold/);

  // The program does not come until it is let.
  let come = () => {};
  const held = new Promise<void>((then) => (come = then));
  let ask = () => {};
  const asked = new Promise<void>((then) => (ask = then));
  await page.route('**/pkg/sheets_loader.js', async (route) => {
    ask();
    await held;
    await route.continue().catch(() => {});
  });
  await page.goto('/verify');
  await asked;
  await choose(page, 'good.zip', good);
  await expect(reading('good.zip')).toBeVisible();
  await choose(page, 'changed.zip', changed);
  await expect(reading('changed.zip')).toBeVisible();
  come();
  await expect(broken).toBeVisible();
  await expect(ready(page)).toBeVisible();
  await expect(lines(page).filter({ hasText: 'early.csv was changed' }).first()).toContainText('Failed');

  // It cannot be had, and later it can.
  await page.unroute('**/pkg/sheets_loader.js');
  await page.route('**/pkg/sheets_loader.js', (route) => route.abort());
  await page.goto('/verify');
  await expect(page.getByRole('heading', { name: 'This file could not be checked' })).toBeVisible();
  await glance(page, 'verify-away');
  await page.unroute('**/pkg/sheets_loader.js');
  await choose(page, 'changed.zip', changed);
  await expect(broken).toBeVisible({ timeout: 30_000 });
  await expect(ready(page)).toBeVisible();
  await choose(page, 'good.zip', good);
  await expect(page.getByText('good.zip holds.')).toBeVisible();
});

test('a long log says how many of its entries were checked, and another file need not wait to be the one told of', async ({
  page,
}) => {
  const address = await run(page, 'quick.csv', ['Q-1,2026-01-15,North,Milk 1L,2,240.50']);
  const changed = await changedEvidence(page, address);
  const buffer = chain(40_000);
  await watch(page);
  await page.goto('/verify');
  await expect(ready(page)).toBeVisible({ timeout: 30_000 });

  await choose(page, 'long.ndjson', buffer);
  await expect(page.getByText('long.ndjson holds.')).toBeVisible({ timeout: 60_000 });
  const { shown, said } = await seen(page);
  const steps = shown.filter((it) => / of 40,000 entries checked /.test(it));
  expect(steps.length).toBeGreaterThan(10);
  for (const part of [/^[\d,]+/, /\d+$/]) {
    const numbers = steps.map((it) => Number(part.exec(it)?.[0].replaceAll(',', '')));
    expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
  }
  expect(shown.at(-1)).toBe('40,000 of 40,000 entries checked | 1000');
  const quarters = [25, 50, 75, 100].map((it) => `${it} percent checked.`);
  // What is empty is not spoken.
  expect(said.filter((it) => it.trim())).toEqual(['Checking long.ndjson.', ...quarters]);

  // Two files, the second one before the first is through.
  await choose(page, 'long.ndjson', buffer);
  await choose(page, 'changed.zip', changed);
  await expect(page.getByText(/changed.zip does not hold/)).toBeVisible({ timeout: 60_000 });
  await expect(lines(page).filter({ hasText: 'quick.csv was changed' }).first()).toContainText('Failed');
  const after = (await seen(page)).said.slice(said.length);
  expect(after).toContain('Checking changed.zip.');
  expect(after.at(-1)).toBe('Judging again: file 1 of 1');
});
