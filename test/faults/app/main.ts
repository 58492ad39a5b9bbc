import { events } from './events/setup.js';
import './server.js';

events.start();
