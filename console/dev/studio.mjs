// Everything beside the desk itself: notices, urgency, and the rooms of marketing.
import { Audiences } from './audience.mjs';
import { Campaigns } from './campaign.mjs';
import { Contents } from './content.mjs';
import { fail } from './http.mjs';
import { Journeys } from './journey.mjs';
import { Notices } from './notice.mjs';

export class Studio {
  constructor(house) {
    this.notices = new Notices(house);
    this.audiences = new Audiences(house);
    this.contents = new Contents(house);
    this.campaigns = new Campaigns(house, this.contents, this.audiences);
    this.journeys = new Journeys(house);
    this.rooms = {
      notices: this.notices,
      urgency: this.notices,
      audiences: this.audiences,
      contents: this.contents,
      campaigns: this.campaigns,
      journeys: this.journeys,
    };
  }

  handle(response, person, call) {
    const room = this.rooms[call.parts[0]];
    if (!room) return fail(response, 404, 'not_found', '没有这个地址', 'No such address');
    const isOpen = room === this.notices || person.roles.some((role) => role !== 'agent');
    if (!isOpen) return fail(response, 403, 'not_allowed', '您没有该操作的权限', 'You may not do this');
    return room.handle(response, person, call);
  }
}
