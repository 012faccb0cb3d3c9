import { expect, test } from './test';

const HEADER = 'order_id,order_date,region,product,quantity,revenue';

test('a row is judged while it is put right, and is in the ledger when it is saved', async ({ page, request }) => {
  const sound = Array.from({ length: 8 }, (_, at) => `LIFE-${at},2026-01-15,North,Milk 1L,1,10.00`);
  const data = [HEADER, ...sound, 'LIFE-9,2026-01-15,,Milk 1L,1,20.00', ''].join('\n');
  const sent = await request.post('/api/v1/runs?filename=life.csv&workspace=life', {
    data,
    headers: { 'content-type': 'text/csv' },
  });
  expect(sent.status()).toBe(202);
  const { id } = await sent.json();
  const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=life`)).json();
  await expect.poll(async () => (await run()).status).toBe('complete');

  await page.goto(`/w/life/runs/${id}`);
  await page.getByRole('region', { name: 'Rows with findings' }).getByRole('link', { name: '10', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Exception 9' })).toBeVisible();
  await expect(page.getByText('Nothing was done yet.')).toBeVisible();

  const region = page.getByLabel('region', { exact: true });
  const judged = page.getByRole('status').filter({ hasText: /./ });
  await region.fill('Nowhere');
  await expect(judged).toContainText('"Nowhere"');
  await region.fill('East');
  await expect(judged).toContainText('As it stands, it passes.');
  await page.getByRole('button', { name: 'Judge and save' }).click();
  await expect(page.getByText('Corrected, in the ledger')).toBeVisible();

  await page.getByRole('link', { name: 'this run' }).click();
  await expect(page.getByText(/1 \(₹[\d.,]+\) entered the ledger later/)).toBeVisible();
  const { exceptions } = await run();
  expect([exceptions.open.rows, exceptions.entered.rows, exceptions.rejected.rows]).toEqual([0, 1, 0]);
});
