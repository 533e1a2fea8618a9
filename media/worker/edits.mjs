// The changes to the worker's own sources. Each must apply exactly as often as it says: after an upgrade of mediasoup
// a change that no longer fits stops the build, because a worker without it would build and then fail in a call.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const EDITS = [
  {
    // Debian 12 has meson 1.0.1, which builds it just as well.
    file: 'meson.build',
    from: "meson_version: '>= 1.1.0'",
    to: "meson_version: '>= 1.0.0'",
  },
  {
    // OpenSSL asks a BIO's callback before an operation, where 1 means "go on", and after it, where the callback's answer
    // takes the place of the operation's result. The worker answers 1 to every "after" but a bare BIO_CB_RETURN, which
    // never comes alone. An OpenSSL with kernel TLS (Debian's, Ubuntu's) asks with BIO_ctrl whether the kernel
    // encrypts, hears "yes", allocates no write buffer, and the first DTLS flight of the first call ends the worker with
    // SIGSEGV. So whatever is asked, the result that was given has to be returned.
    file: 'src/RTC/DtlsTransport.cpp',
    from: '(operationType == BIO_CB_RETURN) ? static_cast<long>(ret) : 1;',
    to: '(operationType & BIO_CB_RETURN) ? static_cast<long>(ret) : 1;',
  },
  // Most of the compiler's time goes to parsing the same headers; parsed once, the build takes about half as long.
  {
    file: 'meson.build',
    from: "cpp_args: cpp_args + ['-DMS_EXECUTABLE'],",
    to: "cpp_args: cpp_args + ['-DMS_EXECUTABLE'],\n  cpp_pch: 'pch/worker.hpp',",
  },
  {
    file: 'deps/libwebrtc/meson.build',
    from: 'include_directories: libwebrtc_include_directories,',
    to: "include_directories: libwebrtc_include_directories,\n  cpp_pch: 'pch/libwebrtc.hpp',",
  },
];

/** Applies an edit to a text, or throws when it does not fit exactly once. */
export function applyEdit(text, { file, from, to }) {
  const found = text.split(from).length - 1;
  if (found !== 1) {
    throw new Error(
      `the change to ${file} must fit once and fits ${found} times: this mediasoup differs from the one it was written for (${from})`,
    );
  }
  return text.replace(from, () => to);
}

/** Applies all edits to a copy of the worker's sources. */
export function applyEdits(folder) {
  for (const edit of EDITS) {
    const path = join(folder, edit.file);
    writeFileSync(path, applyEdit(readFileSync(path, 'utf8'), edit));
  }
}
