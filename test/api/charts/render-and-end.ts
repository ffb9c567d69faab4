import { pngRenderer } from '../../../api/charts/png-renderer.ts';

/** Draws a picture, prints the id of the renderer's process and ends without closing it. */
await pngRenderer.render('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>', 1);
process.stdout.write(`${pngRenderer.pid}\n`);
// 'exit': nothing is left to do, so that an idle renderer must not hold the process.
if (process.argv[2] === 'SIGKILL') process.kill(process.pid, 'SIGKILL');
