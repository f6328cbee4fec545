// Loaded into every ringbridge process that the tests start (NODE_OPTIONS=--import): keeps a copy of each CIMD2 packet
// that the process writes to a socket, in one file a process under WIRE_TAP_DIR, for a judge that did not write it.
// Commands that were told to send something wrong are left out, and `cimd2 shell`, which sends whatever is typed. Each
// record: length (4 octets, big endian), octets.
import { openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

const directory = process.env['WIRE_TAP_DIR'];
const [, program = '', ...args] = process.argv;
const isWrongOnPurpose = args[1] === 'shell' || args.some((arg) => /^--(raw|scenario|force|checksum)\b/.test(arg));

if (directory !== undefined && /[/\\]bin[/\\]run\.js$/.test(program) && !isWrongOnPurpose) {
  const write = Socket.prototype.write;
  let file;
  Socket.prototype.write = function (data, ...rest) {
    if (isPacket(data)) {
      file ??= openSync(join(directory, `${process.pid}.packets`), 'a');
      const length = Buffer.alloc(4);
      length.writeUInt32BE(data.length);
      writeSync(file, Buffer.concat([length, data]));
    }
    return write.call(this, data, ...rest);
  };
}

/** STX, two digits, a colon: no frame of the link and no line of HTTP begins like that. */
function isPacket(data) {
  return data instanceof Uint8Array && data.length >= 9 && data[0] === 2 && data[3] === 0x3a;
}
