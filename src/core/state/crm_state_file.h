/*
 * The file that holds the last good rule set of an organisation, as bytes:
 * what a process starts with when Redis is away. Hosts read and write it.
 *
 *     ngx_crm_automation state 1
 *     sha256 (64 hex digits, of all that follows this line)
 *     org acme
 *     epoch 01J…
 *     revision 7
 *     bundle 1234
 *                       (an empty line, and as many bytes of the bundle)
 */

#ifndef CRM_STATE_FILE_H
#define CRM_STATE_FILE_H

#include "base/crm_buf.h"


typedef struct {
    crm_str_t  org;
    crm_str_t  epoch;           /* of the Redis that the bundle came from */
    long long  revision;
    crm_str_t  bundle;          /* JSON, as Redis holds it */
} crm_state_file_t;


/* The whole file, appended to buf. CRM_EINVAL: an epoch that no line holds. */
crm_status_t crm_state_file_print(crm_buf_t *buf,
    const crm_state_file_t *file);

/*
 * Reads it back; the parts borrow from text. CRM_EINVAL, with what is wrong:
 * cut off, changed, of another format or of another organisation than org.
 */
crm_status_t crm_state_file_parse(crm_state_file_t *file, crm_str_t text,
    crm_str_t org, crm_error_t *err);

#endif
