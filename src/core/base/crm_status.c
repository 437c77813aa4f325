/*
 * Status codes, and the error that a person can mend.
 */

#include "base/crm_status.h"

#include <stdarg.h>
#include <stdio.h>


crm_status_t
crm_error_set(crm_error_t *err, crm_status_t code, size_t offset,
    const char *where, const char *fmt, ...)
{
    va_list  args;

    if (err == NULL) {
        return code;
    }

    err->code = code;
    err->offset = offset;
    (void) snprintf(err->where, sizeof(err->where), "%s", where ? where : "");

    va_start(args, fmt);
    (void) vsnprintf(err->text, sizeof(err->text), fmt, args);
    va_end(args);

    return code;
}
