import adonis from './adonis.ts';
import elysia from './elysia.ts';
import express from './express.ts';
import fastify from './fastify.ts';
import type { Framework } from './framework.ts';
import hapi from './hapi.ts';
import hono from './hono.ts';
import inversify from './inversify.ts';
import koa from './koa.ts';
import nest from './nest.ts';
import next from './next.ts';
import remix from './remix.ts';
import routingControllers from './routing-controllers.ts';
import sveltekit from './sveltekit.ts';
import tsRest from './ts-rest.ts';
import tsoa from './tsoa.ts';

/**
 * Every framework the scanner knows, in the order of detection: where a router is told by its name or type only,
 * the first that its file imports is taken, else the first that its package depends on, else the last.
 */
export const frameworks: readonly Framework[] = [
  nest,
  routingControllers,
  inversify,
  tsoa,
  tsRest,
  next,
  sveltekit,
  remix,
  adonis,
  fastify,
  hono,
  elysia,
  koa,
  hapi,
  express,
];
