/** Output that something else depends on: the promise is kept only when the line is out of our hands. */

/** Resolves when the line is written. @throws the stream's error where nobody takes it, such as EPIPE */
export function writeOut(stream: NodeJS.WritableStream, line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(`${line}\n`, (error) => {
      if (error === undefined || error === null) resolve();
      else reject(error);
    });
  });
}
