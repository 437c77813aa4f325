/*
 * How one text lies in another, without regard to case.
 */

#define _GNU_SOURCE             /* memmem */

#include "rules/crm_criteria.h"


#define SHORT_TEXT  64


static inline crm_truth_t text_of(crm_eval_t *eval,
    const crm_operand_t *operand, crm_str_t *text);
static crm_truth_t text_of_other(crm_eval_t *eval,
    const crm_operand_t *operand, crm_str_t *text);
static int text_contains(crm_str_t text, crm_str_t part, size_t *at);
static int text_ends(crm_str_t text, crm_str_t part);
static int text_like(crm_str_t text, crm_str_t pattern);


crm_truth_t
crm_operand_text(crm_eval_t *eval, crm_operand_t *left,
    const crm_predicate_t *p, crm_operand_text_t how)
{
    size_t          at;
    crm_str_t       text, part;
    crm_truth_t     t;
    crm_operand_t  *right;

    right = &p->operands[0];

    if (right->source != CRM_OPERAND_VALUE) {
        right = crm_eval_right(eval, right);
    }

    if (right == NULL) {
        return CRM_MAYBE;
    }

    t = text_of(eval, left, &text);
    if (t == CRM_TRUE) {
        t = text_of(eval, right, &part);

    } else if (right->value.type == CRM_VALUE_UNKNOWN) {
        t = CRM_MAYBE;
    }

    if (t != CRM_TRUE) {
        return t;
    }

    switch (how) {

    case CRM_TEXT_STARTS:
        return text.len >= part.len
               && memcmp(text.data, part.data, part.len) == 0;

    case CRM_TEXT_ENDS:
        return text_ends(text, part);

    case CRM_TEXT_LIKE:
        return text_like(text, part);

    default:
        return text_contains(text, part, &at);
    }
}


/* CRM_FALSE for what is empty, CRM_MAYBE for what has no text. */
static inline crm_truth_t
text_of(crm_eval_t *eval, const crm_operand_t *operand, crm_str_t *text)
{
    if (operand->value.type != CRM_VALUE_TEXT) {
        return text_of_other(eval, operand, text);
    }

    *text = operand->folded;

    return CRM_TRUE;
}


static crm_truth_t
text_of_other(crm_eval_t *eval, const crm_operand_t *operand, crm_str_t *text)
{
    switch (operand->value.type) {

    case CRM_VALUE_EMPTY:
        return CRM_FALSE;

    case CRM_VALUE_NUMBER:
        *text = operand->folded;
        return CRM_TRUE;

    case CRM_VALUE_BOOL:
        *text = operand->value.truth ? CRM_STR("true") : CRM_STR("false");
        return CRM_TRUE;

    case CRM_VALUE_OBJECT:
        if (crm_operand_name(operand, text, eval->pool) != CRM_OK) {
            eval->status = CRM_ENOMEM;
            return CRM_MAYBE;
        }

        return text->len ? CRM_TRUE : CRM_MAYBE;

    default:
        return CRM_MAYBE;
    }
}


static int
text_contains(crm_str_t text, crm_str_t part, size_t *at)
{
    const char  *p, *last;

    /* memmem() prepares itself first: in a short text it would be done */

    if (text.len <= SHORT_TEXT && part.len) {
        last = text.data + text.len;

        for (p = text.data; (size_t) (last - p) >= part.len; p++) {
            p = memchr(p, part.data[0],
                       (size_t) (last - p) - part.len + 1);

            if (p == NULL || memcmp(p, part.data, part.len) == 0) {
                break;
            }
        }

        p = p && (size_t) (last - p) >= part.len ? p : NULL;

    } else {
        p = memmem(text.data, text.len, part.data, part.len);
    }

    *at = p ? (size_t) (p - text.data) : 0;

    return p != NULL;
}


static int
text_ends(crm_str_t text, crm_str_t part)
{
    return text.len >= part.len
           && memcmp(text.data + text.len - part.len, part.data, part.len)
              == 0;
}


/*
 * The pieces between two % are looked for from left to right: the first place
 * that fits leaves most room for those behind it. What stands before the first
 * % and behind the last is fixed.
 */
static int
text_like(crm_str_t text, crm_str_t pattern)
{
    size_t       at;
    crm_str_t    piece;
    const char  *p;

    p = memchr(pattern.data, '%', pattern.len);
    if (p == NULL) {
        return crm_str_eq(text, pattern);
    }

    piece = crm_str(pattern.data, (size_t) (p - pattern.data));

    if (text.len < piece.len || memcmp(text.data, piece.data, piece.len)) {
        return 0;
    }

    for ( ;; ) {
        text = crm_str(text.data + piece.len, text.len - piece.len);
        pattern = crm_str(pattern.data + piece.len + 1,
                          pattern.len - piece.len - 1);

        p = memchr(pattern.data, '%', pattern.len);
        if (p == NULL) {
            return text_ends(text, pattern);
        }

        piece = crm_str(pattern.data, (size_t) (p - pattern.data));

        if (!text_contains(text, piece, &at)) {
            return 0;
        }

        text = crm_str(text.data + at, text.len - at);
    }
}
