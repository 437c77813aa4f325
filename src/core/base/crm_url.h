/*
 * What a URL says, as far as the core must know it.
 */

#ifndef CRM_URL_H
#define CRM_URL_H

#include "base/crm_str.h"


/*
 * Whether a step of url's path is "." or "..", each dot as it stands or as
 * %2e: who sends it folds such steps (RFC 3986, 5.2.4, and the URL standard),
 * so that it leads to another path than it seems to.
 */
int crm_url_climbs(crm_str_t url);

#endif
