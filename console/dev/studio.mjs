// Everything beside the desk itself: notices, urgency, the rooms of marketing, and the client book.
import { Audiences } from './audience.mjs';
import { Calendars } from './calendar.mjs';
import { Campaigns } from './campaign.mjs';
import { Contents } from './content.mjs';
import { Events } from './event.mjs';
import { fail } from './http.mjs';
import { Imports } from './importing.mjs';
import { Journeys } from './journey.mjs';
import { Merges } from './merge.mjs';
import { Notices } from './notice.mjs';
import { Staff } from './staff.mjs';
import { Webhooks } from './webhook.mjs';
import { Tiers } from './tier.mjs';

export class Studio {
  constructor(house) {
    this.notices = new Notices(house);
    this.audiences = new Audiences(house);
    this.contents = new Contents(house);
    this.campaigns = new Campaigns(house, this.contents, this.audiences);
    this.journeys = new Journeys(house);
    this.tiers = new Tiers(house);
    this.calendars = new Calendars(house);
    this.imports = new Imports(house);
    this.merges = new Merges(house);
    this.events = new Events(house);
    this.staff = new Staff(house);
    this.webhooks = new Webhooks(house);
    this.rooms = {
      notices: this.notices,
      urgency: this.notices,
      audiences: this.audiences,
      contents: this.contents,
      campaigns: this.campaigns,
      journeys: this.journeys,
      tiers: this.tiers,
      calendars: this.calendars,
      events: this.events,
      staff: this.staff,
      webhooks: this.webhooks,
    };
  }

  handle(response, person, call) {
    const room = call.parts[0] === 'clients' ? this.clients(call.parts[1]) : this.rooms[call.parts[0]];
    if (!room) return fail(response, 404, 'not_found', '没有这个地址', 'No such address');
    const isOpen = room === this.notices || room === this.calendars || person.roles.some((role) => role !== 'agent');
    if (!isOpen) return fail(response, 403, 'not_allowed', '您没有该操作的权限', 'You may not do this');
    return room.handle(response, person, call);
  }

  clients(area) {
    return area === 'imports' ? this.imports : this.merges;
  }
}
