import { execa } from 'execa';
import t from 'tap';

t.setTimeout(60_000);
const linux = { skip: process.platform !== 'linux' && 'only Linux tells' };

const module = JSON.stringify(import.meta.resolve('../../../server/system/programs/pipe-writers.js'));
const script = `import(${module}).then(({ writerBeside }) => console.log(JSON.stringify(writerBeside(0))))`;
/** What a program sees of its standard input; the shell line has it as `LOOK`. */
async function seen(line: string): Promise<unknown> {
  const { stdout } = await execa('/bin/sh', ['-c', line.replace('LOOK', `"${process.execPath}" -e '${script}'`)]);
  return JSON.parse(stdout);
}

t.test('who could write', linux, async (t) => {
  t.match(await seen('sleep 3 | LOOK'), { name: 'sleep', pid: Number }, 'the other side of a pipeline');
  t.match(await seen('(sleep 3; true) | (LOOK; true)'), { pid: Number }, 'through other shells');
  t.equal(await seen('LOOK; true'), null, 'the socket of the program that started it');
  t.equal(await seen('d=$(mktemp -d); mkfifo $d/p; exec 3<>$d/p; rm -r $d; LOOK <&3; true'), null, 'an ancestor');
  t.equal(await seen('true | (sleep 0.5; LOOK)'), null, 'nobody is left');
  t.equal(await seen('LOOK </dev/null'), 'unknown', 'no pipe');
});
