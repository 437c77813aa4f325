/*
 * Literals: a predicate that is to be true, or is not to be, and whether two
 * of them can ever hold together.
 *
 * A comparator that has an opposite is denied by it. Of the others, orders and
 * beginnings, the denial is kept: an empty field makes both an order and its
 * reverse false. What is denied is not true, which need not be false: a list
 * is in no order with a number, and two denials say nothing of one another
 * unless a known value decides both.
 */

#define _GNU_SOURCE             /* memmem */

#include "rules/crm_analysis_literal.h"

#include "base/crm_buf.h"
#include "rules/crm_analysis_bound.h"
#include "rules/crm_analysis_set.h"


#define LITERAL_SHOWN   3       /* operands */
#define LITERAL_LENGTH  60      /* bytes of one */

static const char *const  ops[] = {
    "equal", "not_equal", "in", "not_in",
    "like", "not_like", "contains", "not_contains",
    "include_all", "exclude_any", "include_any", "exclude_all",
    "between", "not_between", "starts_with", "ends_with",
    "greater_than", "greater_equal", "less_than", "less_equal"
};

#define OPS  (sizeof(ops) / sizeof(ops[0]))


static int literal_opposes(const crm_analysis_literal_t *a,
    const crm_analysis_literal_t *b);
static int literal_is_text(const crm_analysis_literal_t *literal);
static int literal_excludes_all(const crm_analysis_literal_t *finite,
    const crm_analysis_literal_t *other);
static int literal_bounds(const crm_analysis_literal_t *literal,
    crm_analysis_bound_t bounds[2]);
static int literal_orders_clash(const crm_analysis_literal_t *a,
    const crm_analysis_literal_t *b);
static int literal_order_excludes(const crm_analysis_literal_t *literal,
    const crm_operand_t *value);
static int literal_text_excludes(const crm_analysis_literal_t *literal,
    const crm_operand_t *value);
static int literal_texts_clash(const crm_analysis_literal_t *a,
    const crm_analysis_literal_t *b);
static crm_analysis_reading_t literal_reading(
    const crm_analysis_literal_t *literal);


crm_analysis_literal_t
crm_analysis_literal(const crm_predicate_t *p, int denied)
{
    unsigned                i;
    crm_analysis_literal_t  literal;

    for (i = 0; i < OPS && strcmp(p->comparator->name, ops[i]) != 0; i++) {
        /* searched */
    }

    literal.p = p;
    literal.op = (crm_analysis_op_t) i;
    literal.denied = denied;
    literal.flipped = 0;

    if (denied && i < CRM_ANALYSIS_BETWEEN) {
        literal.op = (crm_analysis_op_t) (i ^ 1);
        literal.denied = 0;
        literal.flipped = 1;
    }

    return literal;
}


int
crm_analysis_literal_clash(const crm_analysis_literal_t *a,
    const crm_analysis_literal_t *b)
{
    if (a->p->slot != b->p->slot
        || ((a->denied || a->flipped) && (b->denied || b->flipped)
            && (a->op > CRM_ANALYSIS_NOT_IN || b->op > CRM_ANALYSIS_NOT_IN)))
    {
        return 0;
    }

    if (literal_opposes(a, b)) {
        return 1;
    }

    if (crm_analysis_literal_is_finite(a) && literal_excludes_all(a, b)) {
        return 1;
    }

    if (crm_analysis_literal_is_finite(b) && literal_excludes_all(b, a)) {
        return 1;
    }

    if (a->p->type != b->p->type || a->p->timed != b->p->timed) {
        return 0;
    }

    return crm_analysis_set_clash(a, b) || literal_orders_clash(a, b)
           || literal_orders_clash(b, a) || literal_texts_clash(a, b)
           || literal_texts_clash(b, a);
}


int
crm_analysis_literal_is_void(const crm_analysis_literal_t *literal)
{
    crm_analysis_bound_t  bounds[2];

    return literal->op == CRM_ANALYSIS_BETWEEN && !literal->denied
           && literal_bounds(literal, bounds) == 2
           && crm_analysis_bound_clash(&bounds[0], &bounds[1]);
}


int
crm_analysis_literal_is_finite(const crm_analysis_literal_t *literal)
{
    unsigned  i;

    if ((literal->op != CRM_ANALYSIS_EQUAL && literal->op != CRM_ANALYSIS_IN)
        || literal->denied || literal->p->type == CRM_FIELD_MULTIPICK)
    {
        return 0;
    }

    for (i = 0; i < literal->p->count; i++) {
        if (!crm_analysis_value_plain(&literal->p->operands[i])) {
            return 0;
        }
    }

    return 1;
}


int
crm_analysis_literal_excludes(const crm_analysis_literal_t *literal,
    const crm_operand_t *value)
{
    unsigned                i;
    crm_analysis_reading_t  as;

    as = literal_reading(literal);

    switch (literal->op) {

    case CRM_ANALYSIS_EQUAL:
    case CRM_ANALYSIS_IN:
        if (as.type == CRM_FIELD_MULTIPICK) {
            return 0;
        }

        for (i = 0; i < literal->p->count; i++) {
            if (!crm_analysis_value_apart(value, &literal->p->operands[i], as))
            {
                return 0;
            }
        }

        return 1;

    case CRM_ANALYSIS_NOT_EQUAL:
    case CRM_ANALYSIS_NOT_IN:
        for (i = 0; i < literal->p->count; i++) {
            if (crm_analysis_value_same(value, &literal->p->operands[i], as)) {
                return 1;
            }
        }

        return 0;

    case CRM_ANALYSIS_INCLUDE_ALL:
    case CRM_ANALYSIS_INCLUDE_ANY:
        return value->value.type == CRM_VALUE_EMPTY;

    case CRM_ANALYSIS_EXCLUDE_ALL:
    case CRM_ANALYSIS_EXCLUDE_ANY:
    case CRM_ANALYSIS_UNKNOWN:
        return 0;

    case CRM_ANALYSIS_LIKE:
    case CRM_ANALYSIS_NOT_LIKE:
    case CRM_ANALYSIS_CONTAINS:
    case CRM_ANALYSIS_NOT_CONTAINS:
    case CRM_ANALYSIS_STARTS_WITH:
    case CRM_ANALYSIS_ENDS_WITH:
        return literal_text_excludes(literal, value);

    default:
        return literal_order_excludes(literal, value);
    }
}


crm_str_t
crm_analysis_literal_text(const crm_predicate_t *p, const crm_schema_t *schema,
    crm_pool_t *pool)
{
    unsigned              i;
    crm_buf_t             buf;
    crm_str_t             name;
    const crm_operand_t  *o;

    name = schema->names.entries[p->slot].key;

    crm_buf_init(&buf, pool, 0);
    crm_buf_str(&buf, name);
    crm_buf_putc(&buf, ' ');
    crm_buf_puts(&buf, p->comparator->name);

    for (i = 0; i < p->count; i++) {
        o = &p->operands[i];
        crm_buf_puts(&buf, i ? ", " : " ");

        if (i == LITERAL_SHOWN) {
            crm_buf_puts(&buf, "...");
            break;
        }

        if (o->is_empty) {
            crm_buf_puts(&buf, "${EMPTY}");

        } else if (o->value.type == CRM_VALUE_TEXT) {
            crm_buf_add(&buf, o->value.text.data,
                        o->value.text.len < LITERAL_LENGTH
                        ? o->value.text.len : LITERAL_LENGTH);

        } else {
            crm_buf_add(&buf, o->value.span.data,
                        o->value.span.len < LITERAL_LENGTH
                        ? o->value.span.len : LITERAL_LENGTH);
        }
    }

    crm_buf_putc(&buf, '\0');

    if (crm_buf_status(&buf) != CRM_OK) {
        return CRM_STR_NULL;
    }

    return crm_str(buf.data, buf.len - 1);
}


/* The one says what the other denies. */
static int
literal_opposes(const crm_analysis_literal_t *a,
    const crm_analysis_literal_t *b)
{
    unsigned                i;
    crm_analysis_reading_t  as;

    if (a->p->type != b->p->type || a->p->timed != b->p->timed
        || a->p->count != b->p->count || a->op == CRM_ANALYSIS_UNKNOWN)
    {
        return 0;
    }

    if (a->denied == b->denied
        ? a->denied || a->op > CRM_ANALYSIS_NOT_BETWEEN
          || a->op != (b->op ^ 1u) : a->op != b->op)
    {
        return 0;
    }

    as = literal_reading(a);

    for (i = 0; i < a->p->count; i++) {
        if (!crm_analysis_value_same(&a->p->operands[i], &b->p->operands[i],
                                     as)
            || (literal_is_text(a) && !crm_str_eq(a->p->operands[i].folded,
                                                  b->p->operands[i].folded)))
        {
            return 0;
        }
    }

    return 1;
}


/* To look for 5 in a text is not to look for 5.0. */
static int
literal_is_text(const crm_analysis_literal_t *literal)
{
    return (literal->op >= CRM_ANALYSIS_LIKE
            && literal->op <= CRM_ANALYSIS_NOT_CONTAINS)
           || literal->op == CRM_ANALYSIS_STARTS_WITH
           || literal->op == CRM_ANALYSIS_ENDS_WITH;
}


static int
literal_excludes_all(const crm_analysis_literal_t *finite,
    const crm_analysis_literal_t *other)
{
    unsigned  i;

    for (i = 0; i < finite->p->count; i++) {
        if (!crm_analysis_literal_excludes(other, &finite->p->operands[i])) {
            return 0;
        }
    }

    return 1;
}


/* The bounds of an order or of between; how many there are. */
static int
literal_bounds(const crm_analysis_literal_t *literal,
    crm_analysis_bound_t bounds[2])
{
    bounds[0].operand = &literal->p->operands[0];
    bounds[0].as = literal_reading(literal);

    if (literal->op >= CRM_ANALYSIS_ORDER
        && literal->op < CRM_ANALYSIS_UNKNOWN)
    {
        bounds[0].order = (crm_analysis_order_t) (literal->op
                                                  - CRM_ANALYSIS_ORDER);
        return 1;
    }

    if (literal->op != CRM_ANALYSIS_BETWEEN
        && literal->op != CRM_ANALYSIS_NOT_BETWEEN)
    {
        return 0;
    }

    bounds[0].order = CRM_ANALYSIS_GREATER_EQUAL;
    bounds[1] = bounds[0];
    bounds[1].operand = &literal->p->operands[1];
    bounds[1].order = CRM_ANALYSIS_LESS_EQUAL;

    return 2;
}


/*
 * a holds between its bounds. What b holds it outside of is left to it only
 * where a's bounds do not keep it inside.
 */
static int
literal_orders_clash(const crm_analysis_literal_t *a,
    const crm_analysis_literal_t *b)
{
    int                   i, k, n, m, inside;
    crm_analysis_bound_t  x[2], y[2];

    n = literal_bounds(a, x);
    m = literal_bounds(b, y);

    if (n == 0 || m == 0 || a->denied || a->op == CRM_ANALYSIS_NOT_BETWEEN
        || (b->denied && b->op == CRM_ANALYSIS_NOT_BETWEEN))
    {
        return 0;
    }

    if (!b->denied && b->op != CRM_ANALYSIS_NOT_BETWEEN) {
        for (i = 0; i < n * m; i++) {
            if (crm_analysis_bound_clash(&x[i / m], &y[i % m])) {
                return 1;
            }
        }

        return 0;
    }

    for (k = 0; k < m; k++) {
        for (i = 0, inside = 0; i < n && !inside; i++) {
            inside = crm_analysis_bound_implies(&x[i], &y[k]);
        }

        if (!inside) {
            return 0;
        }
    }

    return 1;
}


static int
literal_order_excludes(const crm_analysis_literal_t *literal,
    const crm_operand_t *value)
{
    int                   i, n;
    crm_analysis_bound_t  bounds[2];

    n = literal_bounds(literal, bounds);

    if (!literal->denied && literal->op != CRM_ANALYSIS_NOT_BETWEEN) {
        for (i = 0; i < n; i++) {
            if (crm_analysis_value_never(value, bounds[i].order,
                                         bounds[i].operand, bounds[i].as))
            {
                return 1;
            }
        }

        return 0;
    }

    if (literal->denied && literal->op == CRM_ANALYSIS_NOT_BETWEEN) {
        return 0;
    }

    for (i = 0; i < n; i++) {
        if (!crm_analysis_value_surely(value, bounds[i].order,
                                       bounds[i].operand, bounds[i].as))
        {
            return 0;
        }
    }

    return n > 0;
}


/*
 * Text that is no number is written in one way only, case aside, so that the
 * comparator itself can be asked.
 */
static int
literal_text_excludes(const crm_analysis_literal_t *literal,
    const crm_operand_t *value)
{
    int                   negative;
    crm_eval_t            eval;
    crm_truth_t           t;
    crm_operand_t         left;
    const crm_operand_t  *right;

    right = &literal->p->operands[0];
    negative = literal->op == CRM_ANALYSIS_NOT_LIKE
               || literal->op == CRM_ANALYSIS_NOT_CONTAINS || literal->denied;

    if (value->value.type == CRM_VALUE_EMPTY) {
        return !negative;
    }

    if (value->value.type != CRM_VALUE_TEXT || value->numeric
        || !crm_analysis_value_plain(right))
    {
        return 0;
    }

    memset(&eval, 0, sizeof(crm_eval_t));
    left = *value;

    t = crm_operand_text(&eval, &left, literal->p,
                         literal->op <= CRM_ANALYSIS_NOT_LIKE
                         ? CRM_TEXT_LIKE
                         : literal->op == CRM_ANALYSIS_STARTS_WITH
                         ? CRM_TEXT_STARTS
                         : literal->op == CRM_ANALYSIS_ENDS_WITH
                         ? CRM_TEXT_ENDS : CRM_TEXT_CONTAINS);

    return negative ? t == CRM_TRUE : t == CRM_FALSE;
}


/* a says how the text is, b says so too or denies it. */
static int
literal_texts_clash(const crm_analysis_literal_t *a,
    const crm_analysis_literal_t *b)
{
    size_t     n;
    crm_str_t  x, y;

    if (a->denied || !crm_analysis_value_plain(&a->p->operands[0])
        || !crm_analysis_value_plain(&b->p->operands[0])
        || (a->op != CRM_ANALYSIS_STARTS_WITH
            && a->op != CRM_ANALYSIS_ENDS_WITH
            && a->op != CRM_ANALYSIS_CONTAINS))
    {
        return 0;
    }

    x = a->p->operands[0].folded;
    y = b->p->operands[0].folded;

    if (b->op == CRM_ANALYSIS_NOT_CONTAINS) {
        return memmem(x.data, x.len, y.data, y.len) != NULL;
    }

    if (a->op != b->op || a->op == CRM_ANALYSIS_CONTAINS
        || (b->denied && y.len > x.len))
    {
        return 0;
    }

    n = x.len < y.len ? x.len : y.len;

    if (a->op == CRM_ANALYSIS_ENDS_WITH) {
        x.data += x.len - n;
        y.data += y.len - n;
    }

    return b->denied ? memcmp(x.data, y.data, n) == 0
                     : memcmp(x.data, y.data, n) != 0;
}


static crm_analysis_reading_t
literal_reading(const crm_analysis_literal_t *literal)
{
    crm_analysis_reading_t  as;

    as.type = literal->p->type;
    as.timed = literal->p->timed;

    return as;
}
