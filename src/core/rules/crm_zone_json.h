/*
 * The organisation's time zone as a bundle carries it:
 *
 *     {"name":"Europe/Paris","tzdata":"2025b","table":[[0,3600],...]}
 *
 * A row is a UTC second and the offset in seconds that holds from then on
 * (base/crm_zone.h).
 */

#ifndef CRM_ZONE_JSON_H
#define CRM_ZONE_JSON_H

#include <jansson.h>

#include "base/crm_pool.h"
#include "base/crm_zone.h"


/* Fills zone from json, copying into pool. CRM_EINVAL for what is no such
 * table; CRM_ENOMEM. */
crm_status_t crm_zone_json_decode(crm_zone_t *zone, const json_t *json,
    crm_pool_t *pool);

/* New, or NULL without memory. */
json_t *crm_zone_json_encode(const crm_zone_t *zone);

#endif
