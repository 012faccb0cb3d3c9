import { rm, writeFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { choose, drop, open, verdict } from './check';
import { HEADER } from './sales';
import { expect, test } from './test';

const text = (lines: string[], header = HEADER) => [header, ...lines].join('\n');
const csv = (name: string, lines: string[], header = HEADER) => ({
  name,
  mimeType: 'text/csv',
  buffer: Buffer.from(text(lines, header)),
});
const row = (key: string, region = 'North') => `${key},2026-01-15,${region},Milk 1L,2,100.00`;

const three = (page: Page) =>
  page.getByLabel('Choose a file').setInputFiles([
    csv('one.csv', [row('first-1'), row('first-2')]),
    csv('two.csv', [row('second-1', 'Nort'), row('second-2')]),
    csv('three.csv', [row('third-1')]),
  ]);
const files = (page: Page) => page.getByRole('region', { name: 'Files', exact: true });
const line = (page: Page, name: string) => files(page).getByRole('row').filter({ hasText: name });
const openFile = (page: Page, name: string) => files(page).getByRole('button', { name: `Open it: ${name}`, exact: true }).click();

/** The worker hears nothing until `letGo`. */
async function holdWorker(page: Page) {
  await page.addInitScript(() => {
    let held: (() => void)[] | undefined = [];
    window.Worker = class extends Worker {
      override postMessage(...message: unknown[]) {
        const post = () => super.postMessage(...(message as [unknown]));
        if (held) held.push(post);
        else post();
      }
    };
    const letGo = () => {
      const posts = held ?? [];
      held = undefined;
      posts.forEach((post) => post());
    };
    Object.assign(window, { letGo });
  });
}
const letGo = (page: Page) => page.evaluate(() => (window as unknown as { letGo: () => void }).letGo());

test('files that are dropped together are each judged', async ({ page }, info) => {
  const written = async (name: string, lines: string[]) => {
    const path = info.outputPath(name);
    await writeFile(path, text(lines));
    return path;
  };
  const one = await written('dropped-1.csv', [row('dropped-1')]);
  const two = await written('dropped-2.csv', [row('dropped-2'), row('dropped-3', 'Nort')]);
  await open(page);
  await drop(page, one, two);
  await expect(line(page, 'dropped-1.csv')).toContainText('The one row can be loaded');
  await expect(line(page, 'dropped-2.csv')).toContainText('1 of 2');
});

test('a file that was cancelled leads on to the others, and can be opened later', async ({ page }) => {
  await holdWorker(page);
  await open(page);
  await three(page);
  await expect(page.getByRole('region', { name: /^one\.csv/ })).toBeVisible();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(page.getByRole('region', { name: /^two\.csv/ })).toBeVisible();
  await expect(line(page, 'one.csv')).toContainText('Cancelled');
  await expect(line(page, 'three.csv')).toContainText('Not read yet');
  await letGo(page);

  // The first one that was judged lies on the desk at the end.
  await expect(line(page, 'three.csv')).toContainText('The one row can be loaded');
  await expect(verdict(page)).toContainText('two.csv');
  await expect(line(page, 'one.csv')).toContainText('Cancelled');
  await openFile(page, 'three.csv');
  await expect(verdict(page)).toContainText('three.csv');
  await openFile(page, 'one.csv');
  await expect(verdict(page)).toContainText('one.csv');
  await expect(line(page, 'one.csv')).toContainText('All 2 rows can be loaded');
});

test('who opens one of several files by hand is not led away from it', async ({ page }) => {
  await holdWorker(page);
  await open(page);
  await three(page);
  await expect(page.getByRole('region', { name: /^one\.csv/ })).toBeVisible();
  await openFile(page, 'three.csv');
  await letGo(page);
  await expect(verdict(page)).toContainText('three.csv');
  await expect(line(page, 'one.csv')).toContainText('Not read yet');
  await openFile(page, 'two.csv');
  await expect(verdict(page)).toContainText('two.csv');
  await expect(line(page, 'two.csv')).toContainText('1 of 2');
  await expect(line(page, 'one.csv')).toContainText('Not read yet');
});

test('of several files one that cannot be read keeps no other from being opened', async ({ page }, info) => {
  const paths = await Promise.all(
    ['one', 'two', 'three'].map(async (name) => {
      const path = info.outputPath(`${name}.csv`);
      await writeFile(path, text([row(`gone-${name}`)]));
      return path;
    }),
  );
  await holdWorker(page);
  await open(page);
  await page.getByLabel('Choose a file').setInputFiles(paths);
  await expect(page.getByRole('region', { name: /^one\.csv/ })).toBeVisible();
  await rm(paths[0]!);
  await letGo(page);
  await expect(line(page, 'three.csv')).toContainText('The one row can be loaded');
  await expect(line(page, 'one.csv')).toContainText('Could not be checked');
  await expect(verdict(page)).toContainText('two.csv');

  await openFile(page, 'one.csv');
  await expect(page.getByRole('alert')).toContainText('This file could not be checked');
  await openFile(page, 'three.csv');
  await expect(verdict(page)).toContainText('three.csv');
  await expect(line(page, 'two.csv')).toContainText('The one row can be loaded');
});

test('the list of several files says what each of them is as it is read now', async ({ page }) => {
  await open(page);
  await three(page);
  await expect(line(page, 'two.csv')).toContainText('1 of 2');
  await expect(verdict(page)).toContainText('one.csv');
  await openFile(page, 'two.csv');
  await expect(verdict(page)).toContainText('1 of 2');

  // A cell that is put right.
  await page.getByRole('grid').focus();
  await page.keyboard.press('F8');
  await page.keyboard.type('North');
  await page.keyboard.press('Enter');
  await expect(verdict(page)).toContainText('All 2 rows can be loaded.');
  await expect(line(page, 'two.csv')).toContainText('All 2 rows can be loaded');

  // Another one is looked at meanwhile, and what was put right is there still.
  await openFile(page, 'three.csv');
  await expect(verdict(page)).toContainText('three.csv');
  await openFile(page, 'two.csv');
  await expect(verdict(page)).toContainText('two.csv');
  await expect(verdict(page)).toContainText('All 2 rows can be loaded.');
  await expect(line(page, 'two.csv')).toContainText('All 2 rows can be loaded');

  // A column that is read otherwise.
  await page.getByText(/^Read as comma/).click();
  await page.getByLabel('region is used as').selectOption('not used');
  await expect(verdict(page)).toContainText('Cannot be loaded');
  await expect(line(page, 'two.csv')).toContainText('Cannot be loaded');
  await expect(line(page, 'one.csv')).toContainText('All 2 rows can be loaded');
  await page.getByRole('button', { name: 'Read it as it was found' }).click();
  await expect(verdict(page)).toContainText('All 2 rows can be loaded.');
  await expect(line(page, 'two.csv')).toContainText('All 2 rows can be loaded');
});

test('several files of a header that is remembered are judged as it was read', async ({ page }) => {
  const header = 'voucher,order_date,region,product,quantity,revenue';
  await open(page);
  await choose(page, csv('vouchers.csv', [row('voucher-1')], header));
  await expect(verdict(page)).toContainText('Cannot be loaded');
  await page.getByLabel('voucher is used as').selectOption('Order id');
  await expect(verdict(page)).toContainText('The one row can be loaded.');

  await open(page);
  await page.getByLabel('Choose a file').setInputFiles([
    csv('april.csv', [row('voucher-2'), row('voucher-3')], header),
    csv('may.csv', [row('voucher-4')], header),
  ]);
  await expect(line(page, 'april.csv')).toContainText('All 2 rows can be loaded');
  await expect(line(page, 'may.csv')).toContainText('The one row can be loaded');
  await expect(verdict(page)).toContainText('april.csv');
});
