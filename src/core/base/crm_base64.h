/*
 * Bytes as letters: base64 (RFC 4648), with padding as mails want it, or for
 * URLs and headers without.
 */

#ifndef CRM_BASE64_H
#define CRM_BASE64_H

#include "base/crm_buf.h"


typedef enum {
    CRM_BASE64 = 0,             /* + and /, padded with = */
    CRM_BASE64_URL              /* - and _, not padded */
} crm_base64_t;

void crm_base64_encode(crm_buf_t *buf, crm_str_t bytes, crm_base64_t kind);

/* Appends what text stands for, padded or not. CRM_EINVAL: it holds what is no
 * letter of kind. */
crm_status_t crm_base64_decode(crm_buf_t *buf, crm_str_t text,
    crm_base64_t kind);

#endif
