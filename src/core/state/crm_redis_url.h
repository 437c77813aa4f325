/*
 * Where Redis is: unix:PATH[:/DB] or redis://[USER@]HOST[:PORT][/DB].
 *
 * A password never stands in an address, since addresses stand in process
 * lists and logs: it comes from a file that the host reads.
 */

#ifndef CRM_REDIS_URL_H
#define CRM_REDIS_URL_H

#include "base/crm_pool.h"


#define CRM_REDIS_PORT  6379

typedef struct {
    crm_str_t  path;            /* of a unix socket; data NULL: TCP */
    crm_str_t  host;            /* name or address, without brackets */
    int        port;
    int        db;
    crm_str_t  user;            /* data NULL: the default user */
    crm_str_t  text;            /* the address as it was given, for messages */
} crm_redis_url_t;


/* Strings are copied into pool, each followed by a zero byte. CRM_EINVAL with
 * a sentence that shows what is accepted, or CRM_ENOMEM. */
crm_status_t crm_redis_url_parse(crm_redis_url_t *url, crm_str_t text,
    crm_pool_t *pool, crm_error_t *err);

#endif
