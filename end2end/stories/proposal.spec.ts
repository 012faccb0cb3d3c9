// A file that is for no contract of the server: a contract is proposed from it, changed, tried, taken away and kept.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { choose, open, submit, submitButton, verdict } from './check';
import { violations } from './looks';
import { expect, named, requests, test } from './test';

const tarazu = (...words: string[]) => promisify(execFile)(process.env.TARAZU!, words).then((it) => it.stdout);

/** 240 visits to three halls. One has guests below zero, one a fee of no more than a word. */
function visits(): string {
  const lines = ['Visit No,Day,Hall,Guests,Fee'];
  for (let it = 0; it < 240; it++) {
    const two = (number: number) => String(1 + number).padStart(2, '0');
    const guests = it === 200 ? -3 : 1 + (it % 8);
    const fee = it === 210 ? 'free' : `${((it * 37) % 900) + 100}.50`;
    const hall = ['North hall', 'Garden', 'Library'][it % 3];
    lines.push(`V-${it},${two(it % 12)}/${two(it % 9)}/2025,${hall},${guests},${fee}`);
  }
  return `${lines.join('\n')}\n`;
}

const proposal = (page: Page) => page.getByRole('region', { name: 'Proposed contract' });
/** What is said of one column. */
const column = (page: Page, name: string) => proposal(page).getByRole('group', { name, exact: true });
const propose = (page: Page) => page.getByRole('button', { name: 'Propose a contract from this file' });

async function look(page: Page, name: string) {
  for (const [width, colorScheme] of [[1280, 'light'], [1280, 'dark'], [360, 'light'], [360, 'dark']] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: `results/pages/proposal-${name}-${width}-${colorScheme}.png`, fullPage: true });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect.soft(wide, `${name} at ${width} px fits its window`).toBeLessThanOrEqual(width);
    expect.soft(await violations(page), `${name} at ${width} px, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 900 });
}

test('a contract is proposed for a file that fits none, judged under, and read by the program', async ({ page }, info) => {
  test.setTimeout(300_000);
  const path = info.outputPath('visits.csv');
  await writeFile(path, visits());
  await open(page);
  const sent = requests(page);
  await choose(page, path);
  await expect(verdict(page)).toContainText('Cannot be loaded');
  await look(page, 'offered');

  await propose(page).click();
  await expect(proposal(page)).toContainText('all 240 rows');
  await expect(page.getByRole('heading', { name: 'Proposed contract' })).toBeFocused();
  await expect(proposal(page)).toContainText('day can be read day first and month first');
  await expect(proposal(page).getByLabel('Name of the contract')).toHaveValue('visits');
  await expect(column(page, 'Visit No').getByLabel('Holds')).toHaveValue('identifier');
  await expect(column(page, 'Visit No').getByLabel('Part of the key')).toBeChecked();
  await expect(column(page, 'Day').getByLabel('Holds')).toHaveValue('date');
  await expect(column(page, 'Day')).toContainText('date, DD-MM-YYYY');
  await expect(column(page, 'Hall').getByLabel('Only one of Garden, Library, North hall')).toBeChecked();
  await expect(column(page, 'Guests').getByLabel('At least')).toHaveValue('0');
  await expect(column(page, 'Fee').getByLabel('Summed up as money')).toBeChecked();
  await look(page, 'shown');

  // The same file at once, with what the contract finds wrong in it.
  await page.getByRole('button', { name: 'Judge under this contract' }).click();
  await expect(verdict(page)).toContainText('Preview under a proposed contract');
  await expect(verdict(page)).toContainText('238 of 240');
  await expect(verdict(page)).toContainText('A number is below its minimum');
  await expect(submitButton(page)).toHaveCount(0);
  await expect(verdict(page)).toContainText('Keep the contract first');
  await look(page, 'tried');

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download contract' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('visits.json');
  const file = info.outputPath('visits.json');
  await download.saveAs(file);
  expect(await readFile(file, 'utf8')).not.toContain('null');

  // The program reads it, and proposes the very same for the same file.
  const fingerprint = (said: string) => /visits 1\.0\.0 is whole, fingerprint ([0-9a-f]{64})/.exec(said)?.[1];
  const here = fingerprint(await tarazu('contract', 'validate', file));
  const native = info.outputPath('native.yaml');
  await writeFile(native, await tarazu('contract', 'infer', path));
  expect(here).toBeDefined();
  expect(fingerprint(await tarazu('contract', 'validate', native))).toBe(here);
  expect(sent.map(named)).toEqual([]);

  // Back to what the server knows, and forgotten with the file.
  await page.getByRole('button', { name: "Back to the server's contracts" }).click();
  await expect(verdict(page)).toContainText('Cannot be loaded');
  await expect(submitButton(page)).toBeVisible();
  await expect(proposal(page)).toContainText('all 240 rows');
  await page.getByRole('button', { name: 'Put it away' }).click();
  await choose(page, path);
  await expect(propose(page)).toBeVisible();
});

test('a contract can be proposed for a workbook, and for a file that fits one already', async ({ page }) => {
  await open(page);
  await choose(page, '../src/engine/tests/workbooks/orders.xlsx');
  await page.getByText('Read as sheet April').click();
  await propose(page).click();
  await expect(page.getByRole('heading', { name: 'Proposed contract' })).toBeFocused();
  await page.getByRole('button', { name: 'Judge under this contract' }).click();
  await expect(verdict(page)).toContainText('Preview under a proposed contract');
  await expect(page.getByText('Read as sheet April')).toBeVisible();
});

test('looking at the columns can be cancelled, and nothing of the verdict is lost', async ({ page }) => {
  await open(page);
  const buffer = Buffer.from(visits());
  await choose(page, { name: 'visits.csv', mimeType: 'text/csv', buffer });
  await expect(propose(page)).toBeVisible();
  // The program that looks at the columns does not come until it is let.
  let come = () => {};
  const held = new Promise<void>((then) => (come = then));
  await page.route('**/pkg/worker_loader.js', async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  await propose(page).click();
  await expect(proposal(page).getByRole('status')).toHaveText('Looking at what the columns hold …');
  await proposal(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(verdict(page)).toContainText('Cannot be loaded');
  await propose(page).click();
  await expect(proposal(page).getByRole('status')).toBeVisible();
  come();
  await expect(page.getByRole('heading', { name: 'Proposed contract' })).toBeFocused();
});

test('a contract is changed in plain words, kept, and the next file of its form is judged under it', async ({ page }, info) => {
  test.setTimeout(300_000);
  const path = info.outputPath('hall_visits.csv');
  await writeFile(path, visits());
  await open(page, '/w/halls');
  await choose(page, path);
  await propose(page).click();
  // Each change is tried on the file at once, and the fields stay where they are.
  await column(page, 'Guests').getByLabel('At least').fill('few');
  await column(page, 'Guests').getByLabel('At most').focus();
  await expect(proposal(page).getByRole('status')).toHaveText('`few`, a limit of Guests, is no number.');
  await column(page, 'Guests').getByLabel('At least').fill('-5');
  await column(page, 'Guests').getByLabel('At most').focus();
  await expect(verdict(page)).toContainText('Preview under a proposed contract');
  await expect(verdict(page)).toContainText('239 of 240');
  await expect(column(page, 'Guests').getByLabel('At most')).toBeFocused();
  await column(page, 'Hall').getByLabel('Called').fill('Place');
  await column(page, 'Hall').getByLabel(/^Only one of/).uncheck();
  await column(page, 'Fee').getByLabel('Holds').selectOption('text');
  await expect(proposal(page).getByRole('status')).toContainText('has to be an amount of money, and Fee is none');
  await proposal(page).getByLabel('No column is summed up as money').check();
  await expect(verdict(page)).toContainText('All 240 rows');
  await look(page, 'changed');

  await page.getByRole('button', { name: 'Keep this contract' }).click();
  await expect(page.getByText('The contract hall_visits is kept')).toBeVisible();
  await expect(verdict(page)).not.toContainText('Preview');
  await expect(verdict(page)).toContainText('All 240 rows');
  await submit(page);
  await expect(page.getByText('Confirmed: server and browser agree')).toBeVisible();

  // The next one is judged at once, in a hall that nobody knew before.
  await open(page, '/w/halls');
  const buffer = Buffer.from('Visit No,Day,Hall,Guests,Fee\nV-900,03/04/2025,Roof,2,10.00\nV-901,03/04/2025,Roof,-9,10.00\n');
  await choose(page, { name: 'next.csv', mimeType: 'text/csv', buffer });
  await expect(verdict(page)).toContainText('1 of 2');
  await expect(propose(page)).toHaveCount(0);
  await submit(page);
  await expect(page.getByText('Confirmed: server and browser agree')).toBeVisible();

  // A second contract cannot take the name of the first by mistake.
  await open(page, '/w/halls');
  await choose(page, { name: 'hall_visits.csv', mimeType: 'text/csv', buffer: Buffer.from('Song,Singer\nA,B\nC,D\n') });
  await propose(page).click();
  await expect(proposal(page).getByLabel('Name of the contract')).toHaveValue('hall_visits-2');
});

/** An address at which nobody listens. */
async function freeAddress() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return `127.0.0.1:${port}`;
}

test('where two are needed, a contract that is kept waits until a second person puts it in force', async ({ browser }, info) => {
  const address = await freeAddress();
  const words = ['serve', '--addr', address, '--data-dir', info.outputPath('data'), '--contract-approval', 'second-person'];
  const server = spawn(process.env.TARAZU!, words, { cwd: resolve('..'), stdio: 'ignore' });
  const context = await browser.newContext({ baseURL: `http://${address}` });
  try {
    const { request } = context;
    await expect.poll(() => request.get('/healthz').then((it) => it.status(), () => 0)).toBe(200);
    const page = await context.newPage();
    const file = { name: 'visits.csv', mimeType: 'text/csv', buffer: Buffer.from(visits()) };
    await open(page);
    await choose(page, file);
    await propose(page).click();
    await page.getByRole('button', { name: 'Judge under this contract' }).click();
    await page.getByRole('button', { name: 'Keep this contract' }).click();
    await expect(page.getByText('The contract visits waits as a draft until a second person puts it in force')).toBeVisible();
    await expect(submitButton(page)).toHaveCount(0);
    const versions = async () => (await request.get('/api/v1/contracts/visits/versions')).json();
    expect((await versions()).in_force).toBeNull();

    const data = { reason: 'looked at' };
    const adoption = '/api/v1/contracts/visits/versions/1/adoption';
    expect((await request.post(adoption, { data })).status()).toBe(403);
    expect((await request.post(adoption, { data, headers: { 'x-tarazu-actor': 'mira' } })).status()).toBe(200);
    await open(page);
    await choose(page, file);
    await expect(verdict(page)).toContainText('238 of 240');
    await expect(submitButton(page)).toBeVisible();

    // Retired with a reason, no file is judged under it; brought back, they are.
    await page.goto('/controls/contracts/visits');
    await page.getByText('Retire this contract').click();
    await page.getByLabel('Why').last().fill('the halls are closed');
    await page.getByRole('button', { name: 'Retire', exact: true }).click();
    await expect(page.getByRole('status')).toContainText('It is retired');
    await expect(page.getByRole('region', { name: 'Retired' })).toContainText('the halls are closed');
    await look(page, 'retired');
    await page.goto('/controls');
    await expect(page.getByRole('row', { name: /visits Retired/ })).toBeVisible();
    await open(page);
    await choose(page, file);
    await expect(verdict(page)).toContainText('Cannot be loaded');
    expect((await request.post('/api/v1/contracts/visits/versions/1/return', { data })).status()).toBe(403);
    const returned = await request.post('/api/v1/contracts/visits/versions/1/return', { data, headers: { 'x-tarazu-actor': 'mira' } });
    expect(returned.status()).toBe(200);
    await open(page);
    await choose(page, file);
    await expect(verdict(page)).toContainText('238 of 240');
  } finally {
    await context.close();
    server.kill();
    await once(server, 'exit');
  }
});
