/*
 * The rows of keys are what the validator, editors and the reference have in
 * common. They would fail by a key that nobody can look up, by two forms of
 * one name, or by words that are not those that the compiler takes.
 */

#include "crm_rules_make.h"
#include "rules/crm_kind.h"


#define MAX_FORMS  200

typedef struct {
    const crm_form_t  *forms[MAX_FORMS];
    size_t             count;
} seen_t;


static void look_at_keys(const crm_key_t *keys, const char *where,
    seen_t *seen);


/* Forms of one name have one table: the schema has one definition of it. */
static void
look_at_form(const crm_form_t *form, seen_t *seen)
{
    size_t  i;

    for (i = 0; i < seen->count; i++) {
        if (strcmp(seen->forms[i]->name, form->name) != 0) {
            continue;
        }

        if (seen->forms[i]->keys != form->keys) {
            fail_msg("there are two forms called \"%s\"", form->name);
        }

        return;
    }

    if (seen->count == MAX_FORMS) {
        fail_msg("more than %d forms", MAX_FORMS);
    }

    seen->forms[seen->count++] = form;

    look_at_keys(form->keys, form->name, seen);
}


static void
look_at_key(const crm_key_t *key, const char *where, seen_t *seen)
{
    size_t             len;
    const crm_form_t  *form;

    if (key->about == NULL) {
        fail_msg("%s: nobody is told what \"%s\" is for", where, key->name);
    }

    len = strlen(key->about);

    if (len == 0 || key->about[len - 1] == '.' || strchr(key->about, '\n')) {
        fail_msg("%s: \"%s\" is no line without a full stop", where,
                 key->about);
    }

    if (key->type == CRM_KEY_WORD && key->words == NULL) {
        fail_msg("%s: \"%s\" has no words", where, key->name);
    }

    if (key->type == CRM_KEY_ANY && key->forms == NULL && key->words) {
        fail_msg("%s: words of \"%s\" come without forms", where, key->name);
    }

    for (form = key->forms; form && form->name; form++) {
        look_at_form(form, seen);
    }
}


static void
look_at_keys(const crm_key_t *keys, const char *where, seen_t *seen)
{
    const crm_key_t  *key, *other;

    for (key = keys; key->name; key++) {
        look_at_key(key, where, seen);

        for (other = keys; other != key; other++) {
            if (strcmp(other->name, key->name) == 0) {
                fail_msg("%s: \"%s\" stands there twice", where, key->name);
            }
        }
    }
}


static void
every_key_of_every_kind_says_what_it_is_for(void **state)
{
    size_t             i, count;
    seen_t             seen;
    const crm_kind_t  *kinds;

    (void) state;

    memset(&seen, 0, sizeof(seen_t));
    kinds = crm_kind_rows(&count);

    for (i = 0; i < count; i++) {
        if (kinds[i].about == NULL) {
            fail_msg("nobody is told what \"%s\" is", kinds[i].name);
        }

        if (kinds[i].keys == NULL) {
            fail_msg("\"%s\" has no table of keys", kinds[i].name);
        }

        look_at_keys(kinds[i].keys, kinds[i].name, &seen);
    }

    assert_true(seen.count > 0);
}


static void
the_names_of_comparators_are_those_of_the_rows(void **state)
{
    size_t                   i, k, n, count;
    const crm_comparator_t  *rows;

    (void) state;

    rows = crm_comparator_rows(&count);
    n = 0;

    for (i = 0; i < count; i++) {
        for (k = 0; k < n; k++) {
            if (strcmp(crm_comparator_names[k], rows[i].name) == 0) {
                break;          /* once more, for fields that hold sets */
            }
        }

        if (k == n) {
            assert_non_null(crm_comparator_names[n]);
            assert_string_equal(crm_comparator_names[n++], rows[i].name);
        }
    }

    assert_null(crm_comparator_names[n]);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(every_key_of_every_kind_says_what_it_is_for),
    cmocka_unit_test(the_names_of_comparators_are_those_of_the_rows),
};

CRM_TEST_MAIN(tests)
