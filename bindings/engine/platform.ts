// The platform's WebCrypto, where there is one. Web Cryptography API §10.

import { KeystrataError } from '../core/errors.ts';

/** null where the runtime has none, or shows none: a page that was not served over https. */
export function platformSubtle(): SubtleCrypto | null {
  const { crypto } = globalThis as { crypto?: { subtle?: SubtleCrypto } };
  return typeof crypto?.subtle?.encrypt === 'function' ? crypto.subtle : null;
}

/** As platformSubtle, but ERR_UNSUPPORTED where there is none. */
export function wantedSubtle(): SubtleCrypto {
  const subtle = platformSubtle();
  if (subtle !== null) return subtle;
  const insecure = (globalThis as { isSecureContext?: boolean }).isSecureContext === false;
  throw new KeystrataError(
    'ERR_UNSUPPORTED',
    `prefer: "webcrypto" needs crypto.subtle, which ${
      insecure ? 'browsers show only to pages served over https or from localhost' : 'this runtime does not have'
    }; "auto" and "wasm" work without it`,
  );
}
