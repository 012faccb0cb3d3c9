import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { choose, expectBalance, open, runPage, submitButton, verdict } from './check';
import { glance } from './looks';
import { write } from './sales';
import { expect, named, requests, test, uploads } from './test';

/** A way to the server that can be cut. */
async function cable(target: string) {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) return near.destroy();
    const far = connect(Number(port), hostname);
    for (const it of [near, far]) {
      sockets.add(it);
      it.on('error', () => {});
      it.on('close', () => {
        sockets.delete(it);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      whole = false;
      sockets.forEach((it) => it.destroy());
    },
    mend() {
      whole = true;
    },
    close() {
      server.close();
      sockets.forEach((it) => it.destroy());
    },
  };
}

test('a big file goes on where the connection was cut', async ({ page, context, baseURL }, info) => {
  const path = info.outputPath('cut.csv');
  const truth = await write(path, 200_000, 'cut');
  const way = await cable(baseURL ?? '');
  await open(page, `${way.address}/`);
  await choose(page, path);
  await expect(verdict(page)).toBeVisible({ timeout: 60_000 });

  // The first bytes are slow, so that there is something to cut.
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  const limit = (bytes: number) =>
    session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytes });
  await limit(4_000_000);
  const sent = requests(page);
  await submitButton(page).click();
  await expect(page.getByText(/ a second/)).toBeVisible();
  way.cut();
  await expect(page.getByRole('status').filter({ hasText: 'The connection was cut.' })).toBeVisible();
  await glance(page, 'check-cut');
  await limit(-1);
  way.mend();
  await runPage(page);
  await expectBalance(page, truth);
  await expect(page.getByText('server and browser agree')).toBeVisible();
  const asked = uploads(sent);
  expect(asked.filter((it) => it === 'POST /api/v1/uploads')).toHaveLength(1);
  expect(asked.filter((it) => it.startsWith('PATCH /api/v1/uploads/')).length).toBeGreaterThan(1);
  expect(sent.map(named)).not.toContain('POST /api/v1/runs');
  await page.goto('about:blank');
  way.close();
});

test('a big file goes on after a reload, and Cancel leaves nothing', async ({ page, context, request }, info) => {
  const path = info.outputPath('again.csv');
  const truth = await write(path, 200_000, 'reloaded');
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  const limit = (bytes: number) =>
    session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytes });
  const arrived = async () => {
    const { uploads } = await (await request.get('/api/v1/uploads')).json();
    return uploads.map((it: { arrived: number }) => it.arrived);
  };
  const begin = async () => {
    await open(page);
    await choose(page, path);
    await expect(verdict(page)).toBeVisible({ timeout: 60_000 });
    await limit(2_000_000);
    await submitButton(page).click();
    await expect(page.getByText(/ a second/)).toBeVisible();
  };
  await begin();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(arrived).toEqual([]);

  await submitButton(page).click();
  await expect(page.getByText(/ a second/)).toBeVisible();
  await expect.poll(async () => (await arrived())[0]).toBeGreaterThan(0);
  await page.reload();
  await limit(-1);
  await open(page);
  await choose(page, path);
  await expect(verdict(page)).toBeVisible({ timeout: 60_000 });
  const sent = requests(page);
  await submitButton(page).click();
  await runPage(page);
  await expectBalance(page, truth);
  expect(uploads(sent).filter((it) => it === 'POST /api/v1/uploads')).toEqual([]);
});
