// A file that is for no contract of the server: a contract is proposed from it, tried, and taken away.
import AxeBuilder from '@axe-core/playwright';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { choose, open, submitButton, verdict } from './check';
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
const propose = (page: Page) => page.getByRole('button', { name: 'Propose a contract from this file' });

async function look(page: Page, name: string) {
  for (const [width, colorScheme] of [[1280, 'light'], [1280, 'dark'], [360, 'light'], [360, 'dark']] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: `results/pages/proposal-${name}-${width}-${colorScheme}.png`, fullPage: true });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect.soft(wide, `${name} at ${width} px fits its window`).toBeLessThanOrEqual(width);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.flatMap(({ id, nodes }) => nodes.map((it) => `${id}: ${it.target.join(' ')}`));
    expect.soft(found, `${name} at ${width} px, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 900 });
}

test('a contract is proposed for a file that fits none, judged under, and read by the program', async ({ page }, info) => {
  const path = info.outputPath('visits.csv');
  await writeFile(path, visits());
  await open(page);
  const sent = requests(page);
  await choose(page, path);
  await expect(verdict(page)).toContainText('Cannot be loaded');
  await look(page, 'offered');

  await propose(page).click();
  await expect(proposal(page)).toContainText('all 240 rows');
  await expect(page.getByRole('heading', { name: 'Proposed contract: visits' })).toBeFocused();
  await expect(proposal(page)).toContainText('day can be read day first and month first');
  const line = (name: string) => proposal(page).getByRole('row').filter({ hasText: name }).getByRole('cell');
  await expect(proposal(page).getByRole('rowheader')).toHaveText([/Visit No\s*Key/, 'Day', 'Hall', 'Guests', /Fee\s*Summed up/]);
  await expect(line('Visit No')).toHaveText(['identifier, kept as written', 'Yes', '']);
  await expect(line('Day')).toHaveText(['date, DD-MM-YYYY', 'Yes', '']);
  await expect(line('Hall')).toHaveText(['text', 'Yes', 'one of Garden, Library, North hall']);
  await expect(line('Guests').last()).toContainText('at least 0');
  await look(page, 'shown');

  // The same file at once, with what the contract finds wrong in it.
  await page.getByRole('button', { name: 'Judge under this contract' }).click();
  await expect(verdict(page)).toContainText('Preview under a proposed contract');
  await expect(verdict(page)).toContainText('238 of 240');
  await expect(verdict(page)).toContainText('A number is below its minimum');
  await expect(submitButton(page)).toHaveCount(0);
  await expect(verdict(page)).toContainText('An administrator has to add the contract');
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
  await expect(page.getByRole('heading', { name: 'Proposed contract: orders' })).toBeFocused();
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
  await expect(page.getByRole('heading', { name: 'Proposed contract: visits' })).toBeFocused();
});
