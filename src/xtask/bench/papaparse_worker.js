// A web worker that checks the file it is sent with Papa Parse, and answers the counts. Its first message says that
// it is ready.
importScripts('/papaparse.js');
const loaded = import('/checks.mjs');
loaded.then(() => postMessage('ready'));
onmessage = async ({ data: { file, task } }) => {
  const { check } = await loaded;
  postMessage(await check(Papa, file, task));
};
