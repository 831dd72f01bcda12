import { CEPH } from './ceph.ts'
import { docker } from './docker.ts'
import { MOTO, MOTO_HAS } from './moto.ts'
import type { ServerPlan } from './provider.ts'

/**
 * A store that speaks S3; its URL is `http://accessKeyId:secretAccessKey@host:port`. moto is quick and has the other
 * services (STS, KMS), Ceph checks what it is given: signatures, rights, and the customer's key.
 */
export const S3: ServerPlan = {
  needs: [...new Set([...MOTO_HAS, ...CEPH.has])],
  advice:
    'Run .ci/run, or `pip install moto[server]` and put moto_server on the path; Ceph wants root and Debian.',
  providers: [
    docker({
      image: 'motoserver/moto:5.2.5',
      port: 5000,
      url: (host, port) => `http://AKID:SECRET@${host}:${port}`,
      has: MOTO_HAS,
      fidelity: 'emulator',
    }),
    MOTO,
    CEPH,
  ],
}
