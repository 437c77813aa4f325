/*
 * Characters of UTF-8 texts.
 */

#ifndef CRM_DELUGE_UTF8_H
#define CRM_DELUGE_UTF8_H

#include "base/crm_str.h"


/* Bytes of the character at p, 1 to 4; 0: it is none. */
size_t crm_deluge_utf8_size(const char *p, const char *end);

/* Where text stops being UTF-8, or its len. */
size_t crm_deluge_utf8_valid(crm_str_t text);

/* What is not UTF-8 is left out: a character that was cut in two. */
void crm_deluge_utf8_mend(char *text);

/* How many characters; the byte at which the n-th (from 0 on) begins, at most
 * text.len. Of valid text. */
size_t crm_deluge_utf8_length(crm_str_t text);
size_t crm_deluge_utf8_offset(crm_str_t text, size_t n);

#endif
