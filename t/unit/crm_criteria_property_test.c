/*
 * Criteria, compiled and indexed, against an evaluator of another make: one
 * that knows of each value what it is, since they were written down here, and
 * goes through a tree as docs/rules.md says. It would fail where compiling,
 * sharing, filing or folding loses a rule that fires, or finds one that does
 * not.
 *
 * CRM_TEST_ROUNDS=25000 for a hundred thousand trees; few by default.
 */

#include "crm_rules_make.h"

#include "decide/crm_lock.h"


#define RULES    4
#define RECORDS  3
#define LEAVES   4
#define UNKNOWN  ((size_t) -1)
#define DAY(d)   1, (d), 0
#define AT(d, s) 2, (d), (s)

typedef enum { V_EMPTY, V_BOOL, V_NUMBER, V_TEXT, V_OBJECT, V_LIST } kind_t;

typedef struct {
    const char  *json;
    kind_t       kind;
    const char  *text;          /* folded; of a number as written */
    int          numeric;
    int          milli;         /* a number, in thousandths */
    int          when;          /* 1: a day, 2: a point in time */
    int          day;           /* in Paris, of March 2026 */
    int          second;        /* UTC, from 2026-03-27T00:00Z on */
    const char  *id;
    const char  *name;
    int          members[3];    /* of a list: places below, 0 ends */
} value_t;

static const value_t  values[] = {
    { "null", V_EMPTY, "", 0, 0, 0, 0, 0, NULL, NULL, { 0 } },
    { "\"\"", V_EMPTY, "", 0, 0, 0, 0, 0, NULL, NULL, { 0 } },
    { "[]", V_EMPTY, "", 0, 0, 0, 0, 0, NULL, NULL, { 0 } },
    { "true", V_BOOL, "true", 0, 1, 0, 0, 0, NULL, NULL, { 0 } },
    { "false", V_BOOL, "false", 0, 0, 0, 0, 0, NULL, NULL, { 0 } },
    { "7", V_NUMBER, "7", 1, 7000, 0, 0, 0, NULL, NULL, { 0 } },
    { "7.0", V_NUMBER, "7.0", 1, 7000, 0, 0, 0, NULL, NULL, { 0 } },
    { "10", V_NUMBER, "10", 1, 10000, 0, 0, 0, NULL, NULL, { 0 } },
    { "-3", V_NUMBER, "-3", 1, -3000, 0, 0, 0, NULL, NULL, { 0 } },
    { "0", V_NUMBER, "0", 1, 0, 0, 0, 0, NULL, NULL, { 0 } },
    { "0.5", V_NUMBER, "0.5", 1, 500, 0, 0, 0, NULL, NULL, { 0 } },
    { "\"7\"", V_TEXT, "7", 1, 7000, 0, 0, 0, NULL, NULL, { 0 } },
    { "\"07\"", V_TEXT, "07", 1, 7000, 0, 0, 0, NULL, NULL, { 0 } },
    { "\"1e1\"", V_TEXT, "1e1", 1, 10000, 0, 0, 0, NULL, NULL, { 0 } },
    { "\"a\"", V_TEXT, "a", 0, 0, 0, 0, 0, NULL, NULL, { 0 } },
    { "\"A\"", V_TEXT, "a", 0, 0, 0, 0, 0, NULL, NULL, { 0 } },
    { "\"Ab c\"", V_TEXT, "ab c", 0, 0, 0, 0, 0, NULL, NULL, { 0 } },
    { "\"\\u00c4\"", V_TEXT, "\xc3\xa4", 0, 0, 0, 0, 0, NULL, NULL, { 0 } },
    { "\"True\"", V_TEXT, "true", 0, 0, 0, 0, 0, NULL, NULL, { 0 } },
    { "\"ANN\"", V_TEXT, "ann", 0, 0, 0, 0, 0, NULL, NULL, { 0 } },
    { "\"2026-03-27\"", V_TEXT, "2026-03-27", 0, 0, DAY(27), NULL, NULL,
      { 0 } },
    { "\"2026-03-28\"", V_TEXT, "2026-03-28", 0, 0, DAY(28), NULL, NULL,
      { 0 } },
    { "\"2026-03-27T23:30:00Z\"", V_TEXT, "2026-03-27t23:30:00z", 0, 0,
      AT(28, 84600), NULL, NULL, { 0 } },
    { "\"2026-03-28T00:30:00+01:00\"", V_TEXT, "2026-03-28t00:30:00+01:00", 0,
      0, AT(28, 84600), NULL, NULL, { 0 } },
    { "\"2026-03-27 10:00\"", V_TEXT, "2026-03-27 10:00", 0, 0,
      AT(27, 32400), NULL, NULL, { 0 } },
    { "{\"id\":\"7\",\"name\":\"Ann\"}", V_OBJECT, "7", 0, 0, 0, 0, 0, "7",
      "ann", { 0 } },
    { "{\"id\":\"8\"}", V_OBJECT, "8", 0, 0, 0, 0, 0, "8", NULL, { 0 } },
    { "{\"name\":\"A\"}", V_OBJECT, "", 0, 0, 0, 0, 0, NULL, "a", { 0 } },
    { "[\"a\"]", V_LIST, "", 0, 0, 0, 0, 0, NULL, NULL, { 14 } },
    { "[\"Ab c\",\"A\"]", V_LIST, "", 0, 0, 0, 0, 0, NULL, NULL, { 16, 15 } },
    { "[7,null,\"a\"]", V_LIST, "", 0, 0, 0, 0, 0, NULL, NULL, { 5, 14 } },
    { "[{\"id\":\"7\",\"name\":\"Ann\"},\"True\",{\"id\":\"8\"}]", V_LIST, "",
      0, 0, 0, 0, 0, NULL, NULL, { 25, 18, 26 } },
    { "[\"A\",\"a\"]", V_LIST, "", 0, 0, 0, 0, 0, NULL, NULL, { 15, 14 } },
};

#define VALUES  (sizeof(values) / sizeof(values[0]))

/* It is 2026-03-28T12:00Z. */
static const value_t  tokens[] = {
    { "\"${TODAY}\"", V_TEXT, "\xff", 0, 0, DAY(28), NULL, NULL, { 0 } },
    { "\"${TODAY-1}\"", V_TEXT, "\xff", 0, 0, DAY(27), NULL, NULL, { 0 } },
    { "\"${NOW-12h}\"", V_TEXT, "\xff", 0, 0, AT(28, 86400), NULL, NULL,
      { 0 } },
};

#define TOKENS  (sizeof(tokens) / sizeof(tokens[0]))

static const struct {
    const char        *name;
    const char        *declared;    /* in a module whose fields are */
    crm_field_type_t   type;
} fields[] = {
    { "A", NULL, CRM_FIELD_ANY },
    { "B", NULL, CRM_FIELD_ANY },
    { "N", "currency", CRM_FIELD_NUMBER },
    { "D", "date", CRM_FIELD_DATE },
    { "E", "datetime", CRM_FIELD_DATETIME },
    { "T", "text", CRM_FIELD_TEXT },
    { "S", "multiselectpicklist", CRM_FIELD_MULTIPICK },
    { "R", "multiuserlookup", CRM_FIELD_MULTIPICK },
    { "L", "lookup", CRM_FIELD_LOOKUP },
    { "F", "boolean", CRM_FIELD_BOOLEAN },
};

#define FIELDS  (sizeof(fields) / sizeof(fields[0]))

static const struct {
    const char  *name;
    int          list;          /* 0 one value, 1 two, 2 any number */
} comparators[] = {
    { "equal", 0 }, { "not_equal", 0 }, { "like", 0 }, { "not_like", 0 },
    { "contains", 0 }, { "not_contains", 0 }, { "starts_with", 0 },
    { "ends_with", 0 }, { "greater_than", 0 }, { "greater_equal", 0 },
    { "less_than", 0 }, { "less_equal", 0 }, { "between", 1 },
    { "not_between", 1 }, { "in", 2 }, { "not_in", 2 },
    { "include_all", 2 }, { "include_any", 2 }, { "exclude_all", 2 },
    { "exclude_any", 2 },
};

#define COMPARATORS  (sizeof(comparators) / sizeof(comparators[0]))

typedef enum { R_VALUE, R_EMPTY, R_FIELD, R_TOKEN } source_t;

typedef struct {
    size_t    field;
    size_t    comparator;
    source_t  source;
    size_t    right[3];
    size_t    count;
} leaf_t;

/* Members of a group, or rows of the pattern "1 or 2 and 3 or 4". */
typedef struct {
    leaf_t    leaves[LEAVES * LEAVES];
    size_t    inner[LEAVES];        /* leaves of each member; 1: no group */
    size_t    count;
    int       is_or;
    int       rows;
} tree_t;

static uint64_t  seed = 20260328;


static size_t
below(size_t n)
{
    return crm_test_below(&seed, (uint32_t) n);
}


/* ---- the evaluator ---- */

static int
alike(const value_t *a, const value_t *b, crm_field_type_t type, int timed)
{
    if (a->kind == V_EMPTY || b->kind == V_EMPTY) {
        return a->kind == b->kind;
    }

    if ((a->kind == V_NUMBER || b->kind == V_NUMBER
         || type == CRM_FIELD_NUMBER) && a->numeric && b->numeric)
    {
        return a->milli == b->milli;
    }

    if (timed && a->when && b->when) {
        return a->when == 2 && b->when == 2 ? a->second == b->second
                                            : a->day == b->day;
    }

    if (a->kind == V_BOOL || b->kind == V_BOOL) {
        return (a->kind == V_BOOL || a->kind == V_TEXT)
               && (b->kind == V_BOOL || b->kind == V_TEXT)
               && strcmp(a->text, b->text) == 0;
    }

    if (a->kind == V_LIST || b->kind == V_LIST) {
        return a == b;
    }

    if (a->kind == V_OBJECT && b->kind == V_OBJECT) {
        return a->id && b->id ? strcmp(a->id, b->id) == 0
               : a->name && b->name ? strcmp(a->name, b->name) == 0 : a == b;
    }

    return strcmp(a->text, b->text) == 0
           || (a->kind == V_OBJECT && b->kind == V_TEXT && a->name
               && strcmp(a->name, b->text) == 0);
}


static crm_truth_t
order(const value_t *a, const value_t *b, crm_field_type_t type, int timed,
    int *cmp)
{
    if (b == NULL) {
        return CRM_MAYBE;
    }

    if (a->kind == V_EMPTY || b->kind == V_EMPTY) {
        return CRM_FALSE;
    }

    if (timed) {
        *cmp = a->when == 2 && b->when == 2 ? a->second - b->second
                                            : a->day - b->day;
        return a->when && b->when ? CRM_TRUE : CRM_MAYBE;
    }

    if (a->numeric && b->numeric) {
        *cmp = a->milli - b->milli;
        return CRM_TRUE;
    }

    *cmp = strcmp(a->text, b->text);

    return type == CRM_FIELD_NUMBER || a->kind != V_TEXT || b->kind != V_TEXT
           ? CRM_MAYBE : CRM_TRUE;
}


static crm_truth_t
text_of(const value_t *v, const char **text)
{
    *text = v->kind == V_OBJECT ? v->name : v->text;

    return v->kind == V_EMPTY ? CRM_FALSE
           : v->kind == V_LIST || *text == NULL ? CRM_MAYBE : CRM_TRUE;
}


/* No constant of this test has a %. */
static crm_truth_t
in_text(const value_t *a, const value_t *b, const char *how)
{
    size_t        x, y;
    crm_truth_t   t;
    const char   *text, *part;

    t = text_of(a, &text);
    t = t == CRM_TRUE ? text_of(b, &part) : t;

    if (t != CRM_TRUE) {
        return t;
    }

    x = strlen(text);
    y = strlen(part);

    return strcmp(how, "like") == 0 ? strcmp(text, part) == 0
           : strcmp(how, "contains") == 0 ? strstr(text, part) != NULL
           : strcmp(how, "starts_with") == 0 ? strncmp(text, part, y) == 0
           : x >= y && strcmp(text + x - y, part) == 0;
}


static size_t
members(const value_t *v, const value_t *list[3])
{
    size_t  n;

    if (v->kind == V_EMPTY) {
        return 0;
    }

    if (v->kind != V_LIST) {
        list[0] = v;
        return 1;
    }

    for (n = 0; n < 3 && v->members[n]; n++) {
        list[n] = &values[v->members[n]];
    }

    return n;
}


/* How many members of all rights left has, and whether it has others. */
static size_t
overlap(const value_t *left, const value_t *const *right, size_t count,
    crm_field_type_t type, size_t *all, int *others)
{
    size_t          i, k, m, n, found;
    const value_t  *mine[3], *theirs[9];

    n = members(left, mine);
    m = 0;

    for (i = 0; i < count; i++) {
        m += members(right[i], theirs + m);
    }

    found = 0;

    for (k = 0; k < m; k++) {
        for (i = 0; i < n && !alike(mine[i], theirs[k], type, 0); i++) { }
        found += i < n;
    }

    *others = 0;

    for (i = 0; i < n; i++) {
        for (k = 0; k < m && !alike(mine[i], theirs[k], type, 0); k++) { }
        *others |= k == m;
    }

    *all = m;

    return found;
}


static crm_truth_t
leaf_compare(const char *how, const value_t *left, const value_t *const *right,
    size_t count, crm_field_type_t type, int timed)
{
    int          cmp, others;
    size_t       i, all, found;
    crm_truth_t  low, high, unknown;

    unknown = CRM_FALSE;

    for (i = 0; i < count; i++) {
        unknown = right[i] ? unknown : CRM_MAYBE;
    }

    if (strncmp(how, "include", 7) == 0
        || (strcmp(how, "equal") == 0 && type == CRM_FIELD_MULTIPICK))
    {
        if (unknown) {
            return unknown;
        }

        found = overlap(left, right, count, type, &all, &others);

        return strcmp(how, "include_any") == 0 ? found > 0
               : *how == 'e' ? found == all && !others
               : left->kind != V_EMPTY && found == all;
    }

    if (strcmp(how, "equal") == 0 || strcmp(how, "in") == 0) {
        for (i = 0; i < count; i++) {
            if (right[i] && alike(left, right[i], type, timed)) {
                return CRM_TRUE;
            }
        }

        return unknown;
    }

    if (strcmp(how, "between") == 0) {
        low = order(left, right[0], type, timed, &cmp);
        low = low == CRM_TRUE ? cmp >= 0 : low;
        high = order(left, right[1], type, timed, &cmp);
        high = high == CRM_TRUE ? cmp <= 0 : high;

        return low == CRM_FALSE || high == CRM_FALSE ? CRM_FALSE
               : low == CRM_MAYBE || high == CRM_MAYBE ? CRM_MAYBE : CRM_TRUE;
    }

    if (*how == 'g' || strncmp(how, "less", 4) == 0) {
        low = order(left, right[0], type, timed, &cmp);

        return low != CRM_TRUE ? low
               : strcmp(how, "greater_than") == 0 ? cmp > 0
               : strcmp(how, "greater_equal") == 0 ? cmp >= 0
               : strcmp(how, "less_than") == 0 ? cmp < 0 : cmp <= 0;
    }

    return unknown ? unknown : in_text(left, right[0], how);
}


static int
is_time(crm_field_type_t type)
{
    return type == CRM_FIELD_DATE || type == CRM_FIELD_DATETIME;
}


/* record: a value by field, or UNKNOWN; so is a right side that is NULL. */
static crm_truth_t
leaf_truth(const leaf_t *leaf, const size_t *record)
{
    int               opposite, timed;
    size_t            i;
    const char       *how;
    crm_truth_t       t;
    const value_t    *right[3];
    crm_field_type_t  type;

    how = comparators[leaf->comparator].name;
    type = fields[leaf->field].type;
    timed = is_time(type) || leaf->source == R_TOKEN;
    opposite = 0;

    if (strncmp(how, "not_", 4) == 0) {
        opposite = 1;
        how += 4;

    } else if (strncmp(how, "exclude", 7) == 0) {
        opposite = 1;
        how = strcmp(how, "exclude_all") == 0 ? "include_any" : "include_all";
    }

    t = record[leaf->field] == UNKNOWN ? CRM_MAYBE : CRM_TRUE;

    for (i = 0; i < leaf->count; i++) {
        if (leaf->source == R_FIELD) {
            type = type == CRM_FIELD_ANY ? fields[leaf->right[i]].type : type;
            timed = timed || is_time(fields[leaf->right[i]].type);

            right[i] = record[leaf->right[i]] == UNKNOWN
                       ? NULL : &values[record[leaf->right[i]]];

        } else {
            right[i] = leaf->source == R_TOKEN ? &tokens[leaf->right[i]]
                                               : &values[leaf->right[i]];
        }
    }

    if (t == CRM_TRUE) {
        t = leaf_compare(how, &values[record[leaf->field]], right,
                         leaf->count, type, timed);
    }

    return t == CRM_MAYBE ? t : opposite ? !t : t;
}


static crm_truth_t
both(crm_truth_t a, crm_truth_t b, int is_or)
{
    crm_truth_t  decides;

    decides = is_or ? CRM_TRUE : CRM_FALSE;

    return a == decides || b == decides ? decides
           : a == CRM_MAYBE || b == CRM_MAYBE ? CRM_MAYBE : a;
}


static crm_truth_t
tree_truth(const tree_t *tree, const size_t *record)
{
    size_t       i, k;
    crm_truth_t  t, all;

    all = CRM_MAYBE;

    for (i = 0; i < tree->count; i++) {
        t = leaf_truth(&tree->leaves[i * LEAVES], record);

        for (k = 1; k < tree->inner[i]; k++) {
            t = both(t, leaf_truth(&tree->leaves[i * LEAVES + k], record),
                     !tree->is_or);
        }

        /* the pattern goes or, and, or */

        all = i == 0 ? t : both(all, t, tree->rows ? i % 2 == 1
                                                   : tree->is_or);
    }

    return all;
}


/* ---- what is drawn ---- */

/* Whether a constant fits the field: what the compiler would refuse. */
static int
fits(size_t field, size_t comparator, const value_t *v)
{
    crm_field_type_t         type;
    const crm_comparator_t  *c;

    type = fields[field].type;
    c = crm_comparator_find(crm_strz(comparators[comparator].name), type);

    if (v->kind == V_EMPTY || (type == CRM_FIELD_NUMBER && !v->numeric)
        || (type == CRM_FIELD_BOOLEAN && v->kind != V_BOOL)
        || (is_time(type) && !v->when))
    {
        return 0;
    }

    return v->kind == V_LIST ? !(c->flags & ~CRM_COMPARES_EMPTY
                                 & ~CRM_COMPARES_EQUAL)
           : (v->kind != V_BOOL && v->kind != V_OBJECT)
             || !(c->flags & (CRM_COMPARES_ORDER | CRM_COMPARES_TEXT));
}


static int
comparable(size_t a, size_t b)
{
    return fields[a].type == fields[b].type
           || fields[a].type == CRM_FIELD_ANY
           || fields[b].type == CRM_FIELD_ANY
           || (is_time(fields[a].type) && is_time(fields[b].type));
}


/* Lists of fields in one leaf are of one type, so that the first to declare
 * one decides for all. */
static void
draw_leaf(leaf_t *leaf, size_t known)
{
    int                      ok;
    size_t                   i;
    const crm_comparator_t  *c;

    do {
        leaf->field = below(known);
        leaf->comparator = below(COMPARATORS);
        c = crm_comparator_find(crm_strz(comparators[leaf->comparator].name),
                                fields[leaf->field].type);
    } while (!(c->types & 1u << fields[leaf->field].type));

    do {
        ok = 1;
        leaf->source = (source_t) (below(4) ? R_VALUE : below(4));
        leaf->count = comparators[leaf->comparator].list == 0 ? 1
                      : comparators[leaf->comparator].list == 1 ? 2
                      : 1 + below(3);

        if (leaf->source == R_EMPTY) {
            ok = (c->flags & CRM_COMPARES_EMPTY) != 0;
            leaf->count = 1;
            leaf->right[0] = 0;
            continue;
        }

        if (leaf->source == R_TOKEN
            && ((fields[leaf->field].type != CRM_FIELD_ANY
                 && !is_time(fields[leaf->field].type))
                || (c->flags & (CRM_COMPARES_TEXT | CRM_COMPARES_BARE))))
        {
            ok = 0;
        }

        for (i = 0; i < leaf->count; i++) {
            leaf->right[i] = leaf->source == R_FIELD ? below(known)
                             : leaf->source == R_TOKEN ? below(TOKENS)
                             : below(VALUES);

            if (leaf->source == R_FIELD) {
                ok = ok && comparable(leaf->field, leaf->right[i])
                     && fields[leaf->right[i]].type
                        == fields[leaf->right[0]].type;

            } else if (leaf->source == R_VALUE) {
                ok = ok && fits(leaf->field, leaf->comparator,
                                &values[leaf->right[i]]);
            }
        }
    } while (!ok);
}


static void
draw_tree(tree_t *tree, size_t known)
{
    size_t  i, k;

    tree->count = 1 + below(LEAVES);
    tree->is_or = (int) below(2);
    tree->rows = below(4) == 0;

    for (i = 0; i < tree->count; i++) {
        tree->inner[i] = tree->rows || tree->count == 1 || below(3)
                         ? 1 : 2 + below(LEAVES - 1);

        for (k = 0; k < tree->inner[i]; k++) {
            draw_leaf(&tree->leaves[i * LEAVES + k], known);
        }
    }
}


/* ---- the same as JSON ---- */

static void
write_leaf(crm_buf_t *buf, const leaf_t *leaf)
{
    size_t  i;

    crm_buf_puts(buf, "{\"field\":\"");
    crm_buf_puts(buf, fields[leaf->field].name);
    crm_buf_puts(buf, "\",\"comparator\":\"");
    crm_buf_puts(buf, comparators[leaf->comparator].name);
    crm_buf_puts(buf, leaf->source == R_FIELD ? "\",\"type\":\"field"
                      : leaf->source == R_TOKEN ? "\",\"type\":\"pre_defined"
                      : "");
    crm_buf_puts(buf, comparators[leaf->comparator].list ? "\",\"value\":["
                                                         : "\",\"value\":");

    for (i = 0; i < leaf->count; i++) {
        crm_buf_puts(buf, i ? "," : "");

        if (leaf->source == R_FIELD) {
            crm_buf_json(buf, crm_strz(fields[leaf->right[i]].name));
        } else {
            crm_buf_puts(buf, leaf->source == R_EMPTY ? "\"${EMPTY}\""
                         : leaf->source == R_TOKEN
                         ? tokens[leaf->right[i]].json
                         : values[leaf->right[i]].json);
        }
    }

    crm_buf_puts(buf, comparators[leaf->comparator].list ? "]}" : "}");
}


static void
write_tree(crm_buf_t *buf, const tree_t *tree)
{
    size_t  i, k;

    if (tree->count > 1 || tree->rows) {
        crm_buf_puts(buf, tree->rows ? "{\"rows\":["
                     : tree->is_or ? "{\"group_operator\":\"OR\",\"group\":["
                     : "{\"group_operator\":\"AND\",\"group\":[");
    }

    for (i = 0; i < tree->count; i++) {
        crm_buf_puts(buf, i ? "," : "");

        if (tree->inner[i] > 1) {
            crm_buf_puts(buf, tree->is_or ? "{\"group_operator\":\"AND\","
                         : "{\"group_operator\":\"OR\",");
            crm_buf_puts(buf, "\"group\":[");
        }

        for (k = 0; k < tree->inner[i]; k++) {
            crm_buf_puts(buf, k ? "," : "");
            write_leaf(buf, &tree->leaves[i * LEAVES + k]);
        }

        crm_buf_puts(buf, tree->inner[i] > 1 ? "]}" : "");
    }

    if (tree->rows) {
        crm_buf_puts(buf, "],\"pattern\":\"");
        crm_buf_add(buf, "1 or 2 and 3 or 4",
                    tree->count == 1 ? 1 : tree->count == 2 ? 6
                    : tree->count == 3 ? 12 : 17);
        crm_buf_puts(buf, "\"}");

    } else if (tree->count > 1) {
        crm_buf_puts(buf, "]}");
    }
}


/* A rule by tree, and a lock with the first; A and B alone where nothing is
 * declared. */
static crm_ruleset_t *
make_rules(const tree_t *trees, int declared, crm_pool_t *pool)
{
    size_t           i;
    json_t          *bundle;
    crm_buf_t        buf;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    crm_buf_init(&buf, pool, 0);

    for (i = 0; i < RULES; i++) {
        crm_buf_puts(&buf, "{\"kind\":\"workflow_rule\",\"name\":\"");
        crm_buf_int(&buf, (long long) i);
        crm_buf_puts(&buf, "\",\"module\":\"M\",\"execute_when\":{\"type\":"
                     "\"create_or_edit\"},\"conditions\":[{\"criteria\":");
        write_tree(&buf, &trees[i]);
        crm_buf_puts(&buf, ",\"instant_actions\":[{\"type\":\"field_updates\""
                     ",\"field\":\"Z\",\"value\":1}]}]},");
    }

    crm_buf_puts(&buf, "{\"kind\":\"record_locking\",\"module\":\"M\","
                 "\"lock_type\":\"automatic\",\"locking_rules\":[{\"name\":"
                 "\"L\",\"criteria\":");
    write_tree(&buf, &trees[0]);
    crm_buf_puts(&buf, "}]}");

    if (declared) {
        crm_buf_puts(&buf, ",{\"kind\":\"module\",\"name\":\"M\",\"fields\":"
                     "[{\"api_name\":\"Z\",\"data_type\":\"text\"}");

        for (i = 0; i < FIELDS; i++) {
            crm_buf_puts(&buf, ",{\"api_name\":\"");
            crm_buf_puts(&buf, fields[i].name);
            crm_buf_puts(&buf, "\",\"data_type\":\"");
            crm_buf_puts(&buf, fields[i].declared ? fields[i].declared
                                                  : "formula");
            crm_buf_puts(&buf, "\"}");
        }

        crm_buf_puts(&buf, "]}");
    }

    crm_buf_putc(&buf, '\0');
    assert_int_equal(crm_buf_status(&buf), CRM_OK);

    bundle = crm_make_bundle(buf.data);
    json_object_set_new(bundle, "time_zone",
                        json_load_file(CRM_TEST_DATA
                                       "/zone/Europe_Paris.json", 0, NULL));

    crm_findings_init(&findings, pool);
    rules = crm_ruleset_create(bundle, 1, crm_host_malloc(), &findings);
    json_decref(bundle);

    if (rules == NULL) {
        crm_make_print(&findings);
        fail_msg("refused: %s", buf.data);
    }

    return rules;
}


/* ---- one record ---- */

static void
judge(const crm_ruleset_t *rules, const tree_t *trees, size_t known,
    crm_pool_t *pool)
{
    int           update;
    size_t        i, n, record[FIELDS];
    crm_buf_t     request;
    crm_str_t    *names;
    crm_write_t  *w;
    const char   *fired;
    char          name[8];
    crm_truth_t   t;

    crm_buf_init(&request, pool, 0);
    crm_buf_puts(&request, "{\"Y\":1");
    update = (int) below(2);

    for (i = 0; i < FIELDS; i++) {
        record[i] = below(3) || i >= known ? below(VALUES)
                    : update ? UNKNOWN : 0;

        if (i < known && record[i] != UNKNOWN) {
            crm_buf_puts(&request, ",\"");
            crm_buf_puts(&request, fields[i].name);
            crm_buf_puts(&request, "\":");
            crm_buf_puts(&request, values[record[i]].json);
        }
    }

    crm_buf_add(&request, "}", 2);

    w = crm_make_given(pool, rules, "M", request.data, update ? "{'Y':2}"
                                                              : NULL);
    w->now_ms = 1774699200000LL;                /* 2026-03-28T12:00Z */
    assert_int_equal(crm_write_init(w, pool), CRM_OK);

    fired = crm_make_fired(w);

    for (i = 0; i < RULES; i++) {
        t = tree_truth(&trees[i], record);
        (void) snprintf(name, sizeof(name), "%u,", (unsigned) i);

        if (t != crm_eval_criteria(&w->after_eval, &w->module->workflows[i]
                                                    ->conditions[0].criteria)
            || (t == CRM_TRUE) != (strstr(fired, name) != NULL))
        {
            crm_buf_t  tree;

            crm_buf_init(&tree, pool, 0);
            write_tree(&tree, &trees[i]);
            crm_buf_putc(&tree, '\0');
            fail_msg("%s of %s is %d, fired: %s", tree.data, request.data, t,
                     fired);
        }
    }

    assert_int_equal(crm_lock_marks(w->module, &w->after_eval, &names, &n,
                                    pool), CRM_OK);
    assert_int_equal(n, tree_truth(&trees[0], record) != CRM_FALSE);
}


static void
compiled_and_indexed_criteria_are_the_brute_force_ones(void **state)
{
    long            i, rounds;
    size_t          k, known;
    tree_t          trees[RULES];
    crm_pool_t     *pool;
    crm_ruleset_t  *rules;

    (void) state;

    rounds = crm_test_rounds(500);

    for (i = 0; i < rounds; i++) {
        pool = crm_test_pool();
        known = i % 4 ? FIELDS : 2;

        for (k = 0; k < RULES; k++) {
            draw_tree(&trees[k], known);
        }

        rules = make_rules(trees, known == FIELDS, pool);

        for (k = 0; k < RECORDS; k++) {
            judge(rules, trees, known, pool);
        }

        crm_ruleset_release(rules);
        crm_pool_destroy(pool);
    }
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(compiled_and_indexed_criteria_are_the_brute_force_ones),
};

CRM_TEST_MAIN(tests)
