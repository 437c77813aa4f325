/*
 * Status codes, and the error that a person can mend.
 *
 * Every function that can fail returns a crm_status_t. What a person could
 * put right also fills a crm_error_t: where, and a sentence that says what to
 * do. The core returns errors, its host logs them.
 */

#ifndef CRM_STATUS_H
#define CRM_STATUS_H

#include <stddef.h>


typedef enum {
    CRM_OK = 0,
    CRM_DECLINED,       /* not for me, no match, or nothing more */
    CRM_EINVAL,         /* the input is wrong: crm_error_t says where */
    CRM_ELIMIT,         /* a byte, node, depth or record budget is spent */
    CRM_ENOMEM          /* the host lent no more memory */
} crm_status_t;


#define CRM_NO_OFFSET  ((size_t) -1)

typedef struct {
    crm_status_t  code;
    size_t        offset;       /* byte of the input, or CRM_NO_OFFSET */
    char          where[160];   /* path such as $.data[0].id, may be empty */
    char          text[240];    /* a sentence without a full stop */
} crm_error_t;


/*
 * Fills *err (which may be NULL) and returns code, so that a failing function
 * ends in one statement. Longer texts are cut.
 */
crm_status_t crm_error_set(crm_error_t *err, crm_status_t code, size_t offset,
    const char *where, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

#endif
