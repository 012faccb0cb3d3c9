import { HEADER } from './sales';
import { expect, test } from './test';

test('the log is searched by run, event, person and day, and the search stands in the address', async ({ page, request }) => {
  const send = async (name: string) => {
    const sent = await request.post(`/api/v1/runs?filename=${name}&workspace=log`, {
      data: `${HEADER}\n${name}-1,2026-01-15,North,Milk 1L,1,10.00\n`,
      headers: { 'content-type': 'text/csv', 'x-tarazu-actor': name === 'one.csv' ? 'mira' : 'ravi' },
    });
    const { id } = await sent.json();
    const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=log`)).json();
    await expect.poll(async () => (await run()).status).toBe('complete');
    return id as string;
  };
  const one = await send('one.csv');
  const two = await send('two.csv');

  await page.goto('/w/log/audit');
  const filters = page.getByRole('form', { name: 'Filters' });
  const field = (name: string) => filters.getByLabel(name, { exact: true });
  const entries = page.getByRole('region', { name: 'Entries' }).locator('tbody tr');
  const show = filters.getByRole('button', { name: 'Show' });
  await expect(entries.filter({ hasText: one.slice(-8) })).not.toHaveCount(0);
  await expect(entries.filter({ hasText: two.slice(-8) })).not.toHaveCount(0);
  // What is said of the log stands apart from the form of its evidence.
  const evidence = await page.getByRole('form', { name: 'Evidence' }).boundingBox();
  const whole = await page.getByText('Everything that happened has its entry').boundingBox();
  expect((whole?.y ?? 0) - (evidence?.y ?? 0) - (evidence?.height ?? 0)).toBeGreaterThanOrEqual(20);

  await field('Run').fill(one);
  await show.click();
  await expect(page).toHaveURL(new RegExp(`/w/log/audit\\?run=${one}`));
  await expect(field('Run')).toHaveValue(one);
  await expect(entries.filter({ hasText: 'run.completed' })).toHaveCount(1);
  await expect(entries.filter({ hasNotText: one.slice(-8) })).toHaveCount(0);

  await field('Event').fill('stage.ended');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/event=stage\.ended/);
  await expect(entries).toHaveCount(5);
  await filters.getByRole('link', { name: 'All entries' }).click();
  await expect(page).toHaveURL('/w/log/audit');

  await field('By').fill('ravi');
  await field('Event').fill('run.completed');
  await show.click();
  await expect(page).toHaveURL(/actor=ravi/);
  await expect(entries).toHaveCount(1);
  await expect(entries).toContainText(two.slice(-8));

  await page.goto('/w/log/audit?from=2020-01-01&to=2020-01-31');
  await expect(page.getByText('No entry answers this filter.')).toBeVisible();
  await expect(field('From')).toHaveValue('2020-01-01');
  await field('From').fill('');
  await field('To').fill('');
  await field('Run').fill('the one of Monday');
  await show.click();
  await expect(page.getByRole('alert')).toContainText("This is no run's id");
  await expect(field('Run')).toHaveValue('the one of Monday');
  await expect(entries.filter({ hasText: 'run.completed' })).toHaveCount(2);
});
