/*
 * A mail as it stands on the wire: headers and parts, lines ended by CR LF.
 *
 * Pure: the same mail gives the same bytes, whenever it is tried. Everything
 * is ASCII: what is not is encoded, subjects as RFC 2047 says, bodies as
 * quoted-printable. Message-ID comes from the job's id, so that a relay knows
 * a second hand-over for what it is.
 */

#ifndef CRM_WORKER_MIME_H
#define CRM_WORKER_MIME_H

#include "base/crm_buf.h"

#include <stdint.h>


/* An attachment. */
typedef struct {
    crm_str_t  name;            /* UTF-8 */
    crm_str_t  type;            /* what is no type/subtype is not told */
    crm_str_t  bytes;
} crm_worker_mime_file_t;

typedef struct {
    crm_str_t  id;              /* of the job */
    crm_str_t  from;            /* addresses: crm_party_is_address() */
    crm_str_t  to;
    crm_str_t  reply_to;        /* data NULL: there is none */
    crm_str_t  subject;         /* UTF-8, one line */
    crm_str_t  text;            /* UTF-8; data NULL: there is none. Either */
    crm_str_t  html;            /* text or html must be there */
    int64_t    at_ms;           /* when it was written: Date */
    size_t     n_files;

    const crm_worker_mime_file_t  *files;
} crm_worker_mime_t;


/* CRM_OK, or as buf fails. */
crm_status_t crm_worker_mime_encode(crm_buf_t *buf,
    const crm_worker_mime_t *mime);

/* crm_worker_mime_file.c: the part of an attachment, its headers first. */
void crm_worker_mime_file(crm_buf_t *buf, const crm_worker_mime_file_t *file);

#endif
