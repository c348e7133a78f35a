// Everything beside the desk itself: notices, urgency, and the rooms of marketing.
import { Notices } from './notice.mjs';
import { fail } from './http.mjs';

export class Studio {
  constructor(house) {
    this.notices = new Notices(house);
  }

  handle(response, person, call) {
    const [area] = call.parts;
    if (area === 'notices' || area === 'urgency') return this.notices.handle(response, person, call);
    return fail(response, 404, 'not_found', '没有这个地址', 'No such address');
  }
}
