// Forms that were refused: the page that held the form comes back, accessible and in every width.
import { look } from './looks';
import { HEADER } from './sales';
import { expect, test } from './test';

const MEASURED = ['360 dark', '1024 light'];

test('forms that come back with what is wrong are accessible and fit', async ({ page }) => {
  test.setTimeout(120_000);
  const alert = page.getByRole('alert');
  const contract = '/w/refused/controls/contracts/sales';
  await page.goto(`${contract}?edit=0`);
  await page.getByRole('textbox', { name: 'Most of revenue' }).fill('1.234,50');
  await page.getByRole('textbox', { name: 'Hold a file with more exceptions than, %' }).fill('150');
  await page.getByRole('button', { name: 'Save as a draft' }).click();
  await expect(alert).toContainText('Most of revenue: 1.234,50 is no number');
  await expect(alert).toContainText('Hold a file with more exceptions than, %: 150 is no share');
  await expect(alert).toBeFocused();
  const most = page.getByRole('textbox', { name: 'Most of revenue' });
  await expect(most).toHaveAccessibleDescription(/1\.234,50 is no number/);
  await look(page, 'contract-refused', MEASURED);

  await most.fill('');
  await page.getByRole('textbox', { name: 'Hold a file with more exceptions than, %' }).fill('50.00');
  await page.getByRole('button', { name: 'Save as a draft' }).click();
  await expect(alert).toContainText('Nothing was changed in the form');
  await look(page, 'contract-unchanged', MEASURED);

  await page.getByText('Everything else: the contract as text').click();
  await page.getByLabel('The contract as YAML').fill('kind: [Nothing');
  await page.getByRole('button', { name: 'Save the text as a draft' }).click();
  await expect(alert).toContainText('Line 2, column 1');
  await expect(page.getByLabel('The contract as YAML')).toHaveValue('kind: [Nothing');
  await look(page, 'contract-text-refused', MEASURED);

  await page.goto(`${contract}/lists/regions`);
  await page.getByLabel('Change North', { exact: true }).click();
  await page.getByLabel('Another synonym').first().fill('South');
  await page.getByRole('button', { name: 'Add to North', exact: true }).click();
  await expect(alert).toContainText('is the value South');
  await expect(page.getByLabel('Another synonym').first()).toHaveValue('South');
  await look(page, 'list-refused', MEASURED);
  const buffer = Buffer.from('value,synonyms\n,x\nNorth,\nnorth,\n');
  await page.getByLabel('File', { exact: true }).setInputFiles({ name: 'a-list-with-a-rather-long-name-of-2026.csv', mimeType: 'text/csv', buffer });
  await page.getByRole('button', { name: 'Upload and compare' }).click();
  await expect(alert.getByRole('listitem')).toHaveCount(2);
  await look(page, 'list-file-refused', MEASURED);
});

test('who acts on what is no longer so is told, and what was written is not lost', async ({ page, request }) => {
  test.setTimeout(120_000);
  const send = async (name: string, rows: string[], end: string, query = '') => {
    const sent = await request.post(`/api/v1/runs?filename=${name}.csv&workspace=late${query}`, {
      data: [HEADER, ...rows, ''].join('\n'),
      headers: { 'content-type': 'text/csv' },
    });
    expect(sent.status(), await sent.text()).toBe(202);
    const { id } = await sent.json();
    const status = async () => (await (await request.get(`/api/v1/runs/${id}?workspace=late`)).json()).status;
    await expect.poll(status).toBe(end);
    return id as string;
  };
  const row = (key: string, region = 'North') => `${key},2026-01-15,${region},Milk 1L,1,10.00`;
  const alert = page.getByRole('alert');
  const first = await send('january', [row('L-1'), row('L-2'), row('L-3', 'Nort')], 'complete');

  // Somebody else has said something of the exception meanwhile.
  await page.goto(`/w/late/runs/${first}/exceptions/3`);
  await page.getByLabel('Why leave it out').fill('the shop does not know this order');
  const comment = `/api/v1/runs/${first}/exceptions/3/comments?workspace=late`;
  expect((await request.post(comment, { data: { version: 1, text: 'asked the shop' } })).ok()).toBe(true);
  const answer = page.waitForResponse((it) => it.request().method() === 'POST');
  await page.getByRole('button', { name: 'Leave it out for good' }).click();
  expect((await answer).status()).toBe(409);
  await expect(alert).toBeFocused();
  await expect(alert).toContainText('the shop does not know this order');
  await expect(page.getByRole('region', { name: 'History' })).toContainText('asked the shop');
  await look(page, 'exception-changed-meanwhile', MEASURED);

  // Two files wait for one place.
  const waits = `&replaces=${first}&admission=after-confirmation`;
  const two = await send('two', [row('L-1'), row('L-2')], 'held', waits);
  const three = await send('three', [row('L-1'), row('L-3')], 'held', waits);
  await page.goto(`/w/late/runs/${three}`);
  const form = page.locator('form').filter({ has: page.getByRole('button', { name: 'Let its rows in' }) });
  await form.getByLabel('Why').fill('it is the newer one');
  const released = await request.post(`/api/v1/runs/${two}/release?workspace=late`, { data: { reason: 'it came first' } });
  const { id } = await released.json();
  const status = async () => (await (await request.get(`/api/v1/runs/${id}?workspace=late`)).json()).status;
  await expect.poll(status).toBe('complete');
  await form.getByRole('button').click();
  await expect(alert).toContainText('Another run has taken the place that this one was to take');
  await expect(alert).toContainText('it is the newer one');
  await look(page, 'run-place-taken', MEASURED);
  // Whoever opens its page now is told before, and where to go.
  await page.goto(`/w/late/runs/${three}`);
  const taken = page.getByRole('region', { name: 'It cannot be let in' });
  await expect(taken).toContainText('was let in before it');
  await expect(form).toHaveCount(0);
  await taken.getByRole('link', { name: 'two.csv' }).click();
  await expect(page).toHaveURL(`/w/late/runs/${id}`);
});
