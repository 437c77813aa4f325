/*
 * Ids as a backend reads them.
 *
 * A pattern is matched by the set of places that it may have reached, a bit
 * each: an id has at most 64 bytes, so that no pattern takes long.
 */

#include "record/crm_idform.h"

#include "base/crm_limits.h"
#include "record/crm_dialect_kind.h"


#define IDFORM_MAX_ATOMS  16

static const char *const  idform_names[] = {
    "string", "int", "lower", "sf18"
};


static crm_status_t idform_pattern(crm_idform_t *form, crm_str_t text,
    crm_pool_t *pool, crm_error_t *err);
static size_t idform_class(crm_idform_atom_t *atom, crm_str_t text, size_t i);
static size_t idform_times(crm_idform_atom_t *atom, crm_str_t text, size_t i);
static size_t idform_number(unsigned *n, crm_str_t text, size_t i);
static int idform_matches(const crm_idform_t *form, crm_str_t text);
static int idform_has(const crm_idform_atom_t *atom, char c);
static int idform_plain(crm_str_t text);
static crm_status_t idform_int(crm_str_t *id, crm_str_t text);
static crm_status_t idform_lower(crm_str_t *id, crm_str_t text,
    crm_pool_t *pool);
static crm_status_t idform_sf18(crm_str_t *id, crm_str_t text,
    crm_pool_t *pool);


crm_status_t
crm_idform_parse(crm_idform_t *form, crm_str_t text, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t  i, prefix;

    memset(form, 0, sizeof(crm_idform_t));

    for (i = 0; i < sizeof(idform_names) / sizeof(idform_names[0]); i++) {
        if (crm_str_is(text, idform_names[i])) {
            form->kind = (crm_idform_kind_t) i;
            return CRM_OK;
        }
    }

    prefix = sizeof("regex:") - 1;

    if (text.len <= prefix || memcmp(text.data, "regex:", prefix) != 0) {
        return crm_error_set(err, CRM_EINVAL, 0, "", "an id's form is string,"
                             " int, lower, sf18, or regex: and a pattern");
    }

    form->kind = CRM_IDFORM_REGEX;
    form->pattern = crm_pool_dup(pool, crm_str(text.data + prefix,
                                               text.len - prefix));

    return form->pattern.data
           ? idform_pattern(form, form->pattern, pool, err) : CRM_ENOMEM;
}


crm_status_t
crm_idform_apply(const crm_idform_t *form, crm_str_t *id, crm_str_t text,
    crm_pool_t *pool)
{
    if (text.len == 0 || text.len > CRM_MAX_RECORD_ID) {
        return CRM_EINVAL;
    }

    *id = text;

    switch (form->kind) {

    case CRM_IDFORM_INT:
        return idform_int(id, text);

    case CRM_IDFORM_LOWER:
        return idform_plain(text) ? idform_lower(id, text, pool)
                                  : CRM_EINVAL;

    case CRM_IDFORM_SF18:
        return idform_plain(text) ? idform_sf18(id, text, pool) : CRM_EINVAL;

    case CRM_IDFORM_REGEX:
        return idform_plain(text) && idform_matches(form, text)
               ? CRM_OK : CRM_EINVAL;

    default:
        return crm_dialect_is_id(text) ? CRM_OK : CRM_EINVAL;
    }
}


int
crm_idform_is_any(crm_str_t text)
{
    return text.len != 0 && text.len <= CRM_MAX_RECORD_ID
           && idform_plain(text);
}


static crm_status_t
idform_pattern(crm_idform_t *form, crm_str_t text, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t              i;
    crm_idform_atom_t  *atoms, *atom;

    atoms = crm_pool_calloc(pool, IDFORM_MAX_ATOMS,
                            sizeof(crm_idform_atom_t));
    if (atoms == NULL) {
        return CRM_ENOMEM;
    }

    form->atoms = atoms;

    for (i = 0; i < text.len; /* void */ ) {
        if (form->atoms_count == IDFORM_MAX_ATOMS) {
            return crm_error_set(err, CRM_EINVAL, i, "", "a pattern of ids"
                                 " has at most %d parts", IDFORM_MAX_ATOMS);
        }

        atom = &atoms[form->atoms_count++];

        i = idform_class(atom, text, i);

        if (i != 0) {
            i = idform_times(atom, text, i);
        }

        if (i == 0) {
            return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "part"
                                 " %u of the pattern is neither a character"
                                 " of an id nor a class such as [0-9a-f]{17}",
                                 form->atoms_count);
        }
    }

    return CRM_OK;
}


/* One byte, or a class; returns the offset behind it, 0 when it is neither. */
static size_t
idform_class(crm_idform_atom_t *atom, crm_str_t text, size_t i)
{
    unsigned char  c, to;

    if (text.data[i] != '[') {
        c = (unsigned char) text.data[i];
        atom->bytes[c >> 3] |= (uint8_t) (1u << (c & 7));

        return idform_plain(crm_str(text.data + i, 1)) ? i + 1 : 0;
    }

    for (i++; i < text.len && text.data[i] != ']'; i++) {
        c = (unsigned char) text.data[i];
        to = c;

        if (i + 2 < text.len && text.data[i + 1] == '-'
            && text.data[i + 2] != ']')
        {
            to = (unsigned char) text.data[i + 2];
            i += 2;
        }

        if (to < c || to > 0x7e) {
            return 0;
        }

        for ( /* void */ ; c <= to; c++) {
            atom->bytes[c >> 3] |= (uint8_t) (1u << (c & 7));
        }
    }

    return i < text.len ? i + 1 : 0;
}


static size_t
idform_times(crm_idform_atom_t *atom, crm_str_t text, size_t i)
{
    char  c;

    atom->min = 1;
    atom->max = 1;

    c = i < text.len ? text.data[i] : '\0';

    if (c == '?' || c == '*') {
        atom->min = 0;
    }

    if (c == '*' || c == '+') {
        atom->max = CRM_MAX_RECORD_ID;
    }

    if (c != '{') {
        return c == '?' || c == '*' || c == '+' ? i + 1 : i;
    }

    i = idform_number(&atom->min, text, i + 1);
    atom->max = atom->min;

    if (i && i < text.len && text.data[i] == ',') {
        i = idform_number(&atom->max, text, i + 1);
    }

    return i && i < text.len && text.data[i] == '}'
           && atom->min <= atom->max ? i + 1 : 0;
}


static size_t
idform_number(unsigned *n, crm_str_t text, size_t i)
{
    size_t  from;

    *n = 0;

    for (from = i; i < text.len && text.data[i] >= '0' && text.data[i] <= '9'
                   && i - from < 3; i++)
    {
        *n = *n * 10 + (unsigned) (text.data[i] - '0');
    }

    return i > from && *n <= CRM_MAX_RECORD_ID ? i : 0;
}


static int
idform_matches(const crm_idform_t *form, crm_str_t text)
{
    size_t          at;
    uint8_t         now[CRM_MAX_RECORD_ID + 1], then[CRM_MAX_RECORD_ID + 1];
    unsigned        i, n;

    memset(now, 0, sizeof(now));
    now[0] = 1;

    for (i = 0; i < form->atoms_count; i++) {
        memset(then, 0, sizeof(then));

        for (at = 0; at <= text.len; at++) {
            if (!now[at]) {
                continue;
            }

            for (n = 0; n <= form->atoms[i].max; n++) {
                then[at + n] |= n >= form->atoms[i].min;

                if (at + n == text.len
                    || !idform_has(&form->atoms[i], text.data[at + n]))
                {
                    break;
                }
            }
        }

        memcpy(now, then, sizeof(now));
    }

    return now[text.len];
}


static int
idform_has(const crm_idform_atom_t *atom, char c)
{
    return atom->bytes[(unsigned char) c >> 3] >> ((unsigned char) c & 7) & 1;
}


/* What may stand in keys and targets as it is. */
static int
idform_plain(crm_str_t text)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < text.len; i++) {
        c = (unsigned char) text.data[i];

        if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
            && !(c >= '0' && c <= '9') && c != '-' && c != '_')
        {
            return 0;
        }
    }

    return 1;
}


static crm_status_t
idform_int(crm_str_t *id, crm_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return CRM_EINVAL;
        }
    }

    for (i = 0; i + 1 < text.len && text.data[i] == '0'; i++) { /* void */ }

    *id = crm_str(text.data + i, text.len - i);

    return CRM_OK;
}


static crm_status_t
idform_lower(crm_str_t *id, crm_str_t text, crm_pool_t *pool)
{
    char    *out;
    size_t   i;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] >= 'A' && text.data[i] <= 'Z') {
            break;
        }
    }

    if (i == text.len) {
        return CRM_OK;
    }

    out = crm_pool_alloc(pool, text.len);
    if (out == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < text.len; i++) {
        out[i] = text.data[i] >= 'A' && text.data[i] <= 'Z'
                 ? (char) (text.data[i] | 0x20) : text.data[i];
    }

    *id = crm_str(out, text.len);

    return CRM_OK;
}


/* The check says which letters of each five are capitals. */
static crm_status_t
idform_sf18(crm_str_t *id, crm_str_t text, crm_pool_t *pool)
{
    static const char  digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

    char      *out;
    size_t     i;
    unsigned   bits;

    if (text.len != 15 && text.len != 18) {
        return CRM_EINVAL;
    }

    out = crm_pool_alloc(pool, 18);
    if (out == NULL) {
        return CRM_ENOMEM;
    }

    memcpy(out, text.data, 15);

    for (i = 0; i < 3; i++) {
        bits = 0;

        for (size_t k = 0; k < 5; k++) {
            bits |= (unsigned) (text.data[i * 5 + k] >= 'A'
                                && text.data[i * 5 + k] <= 'Z') << k;
        }

        out[15 + i] = digits[bits];
    }

    *id = crm_str(out, 18);

    return text.len == 15 || memcmp(out, text.data, 18) == 0
           ? CRM_OK : CRM_EINVAL;
}
