// https://docs.svix.com/receiving/verifying-payloads/how-manual
import { standardScheme } from './standard-like.ts';

export default standardScheme({ id: 'svix', title: 'Svix', prefix: 'svix' });
