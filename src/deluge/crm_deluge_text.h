/*
 * What the files of TEXT functions share.
 */

#ifndef CRM_DELUGE_TEXT_H
#define CRM_DELUGE_TEXT_H

#include "crm_deluge_run.h"


/* The byte at which what stands in in, the first such or the last; SIZE_MAX:
 * nowhere. */
size_t crm_deluge_text_find(crm_str_t in, crm_str_t what, int last);

/* s becomes its lower case, in the pool. */
crm_status_t crm_deluge_text_fold(crm_deluge_call_t *call, crm_str_t *s);

#endif
