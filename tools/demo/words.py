"""Invented but plausible names, places and goods. Nobody here exists."""

PLACES_MX = [
    # city, state code, zip, dialling code
    ("Ciudad de México", "MX-CMX", "06700", "55"),
    ("Guadalajara", "MX-JAL", "44100", "33"),
    ("Monterrey", "MX-NLE", "64000", "81"),
    ("Puebla", "MX-PUE", "72000", "222"),
    ("León", "MX-GUA", "37000", "477"),
    ("Querétaro", "MX-QUE", "76000", "442"),
    ("Mérida", "MX-YUC", "97000", "999"),
    ("Toluca", "MX-MEX", "50000", "722"),
    ("Morelia", "MX-MIC", "58000", "443"),
    ("Aguascalientes", "MX-AGU", "20000", "449"),
    ("San Luis Potosí", "MX-SLP", "78000", "444"),
    ("Veracruz", "MX-VER", "91700", "229"),
]
PLACES_CO = [
    ("Bogotá", "CO-DC", "110111", "601"),
    ("Medellín", "CO-ANT", "050001", "604"),
    ("Cali", "CO-VAC", "760001", "602"),
    ("Barranquilla", "CO-ATL", "080001", "605"),
    ("Bucaramanga", "CO-SAN", "680001", "607"),
]
PLACES_EXPORT = [
    # city, country code, zip, dialling prefix
    ("San Antonio", "us", "78205", "+1 210 555"),
    ("Los Angeles", "us", "90012", "+1 213 555"),
    ("Chicago", "us", "60608", "+1 312 555"),
    ("Houston", "us", "77002", "+1 713 555"),
    ("Guatemala", "gt", "01010", "+502 2299"),
    ("San José", "cr", "10101", "+506 2299"),
]
STREETS_MX = [
    "Av. de las Palmas", "Calle Hidalgo", "Blvd. Aeropuerto", "Av. Constitución",
    "Calle 5 de Febrero", "Av. Independencia", "Calle Morelos", "Carretera al Mercado",
    "Calzada del Valle", "Av. Insurgentes", "Calle Galeana", "Av. Central de Abasto",
]  # fmt: skip
STREETS_CO = [
    "Carrera 15 # ",
    "Calle 72 # ",
    "Avenida 30 # ",
    "Carrera 7 # ",
    "Diagonal 45 # ",
]
STREETS_EXPORT = ["Commerce St.", "Market Ave.", "Harbor Blvd.", "Mission Rd."]

# The first words name a chain's legal entities: two groups, then chains of their own.
CHAIN_GROUPS = [
    ("El Roblar", ["Bajío", "Occidente", "Norte"]),
    ("Tres Arroyos", ["Centro", "Sureste"]),
]
BRANCHES = [
    "Centro", "Norte", "Las Torres", "Plaza del Sol", "La Estación", "San Ángel", "Jardines",
    "El Mirador", "Universidad", "Santa Fe", "Los Arcos", "La Loma",
]  # fmt: skip
OWN_WORDS = [
    "La Ceiba", "El Mezquite", "Los Pirules", "La Jacaranda", "El Colibrí", "La Cosecha",
    "El Trapiche", "Las Canteras", "El Molino Viejo", "La Espiga", "San Isidro", "El Granero",
    "La Milpa", "Santa Clara", "El Encino", "Los Laureles", "La Noria", "El Tejocote",
    "San Judas", "La Huerta", "El Porvenir", "La Esperanza", "Los Girasoles", "El Fogón",
    "La Piñata", "El Venado", "La Golondrina", "El Faro", "La Bugambilia", "El Sabinal",
    "La Alborada", "El Cardenal", "Los Nogales", "La Vereda", "El Palmar", "La Troje",
    "El Surco", "La Canasta", "El Comal", "La Guadalupana",
]  # fmt: skip
FIRST_NAMES = [
    "Guadalupe", "Carmen", "Rosa", "Leticia", "Patricia", "Verónica", "Marisol", "Adriana",
    "Jorge", "Miguel", "Arturo", "Fernando", "Ricardo", "Gerardo", "Raúl", "Sergio",
    "Alejandra", "Norma", "Hugo", "Ernesto", "Beatriz", "Ignacio", "Lorena", "Tomás",
]  # fmt: skip
LAST_NAMES = [
    "Hernández", "Salgado", "Ríos", "Cárdenas", "Montes", "Villaseñor", "Olvera", "Quintero",
    "Becerra", "Zamora", "Tapia", "Ledesma", "Cisneros", "Urrutia", "Arriaga", "Bautista",
    "Restrepo", "Jaramillo", "Ospina", "Cifuentes",
]  # fmt: skip
SHOP_NAMES_MX = [
    "Abarrotes",
    "Miscelánea",
    "Tienda",
    "Minisúper",
    "Cremería",
    "Frutería",
]
SHOP_NAMES_CO = ["Tienda", "Granero", "Salsamentaria", "Minimercado", "Rapitienda"]
WHOLESALE_MX = [
    "Comercializadora",
    "Mayoreo",
    "Abastecedora",
    "Bodega",
    "Distribuciones",
]
WHOLESALE_CO = ["Distribuidora", "Comercializadora", "Surtidora"]
CHAIN_MX = ["Súper", "Autoservicios", "Tiendas", "Mercados"]
CHAIN_CO = ["Mercados", "Supertiendas", "Autoservicio"]
EXPORT = ["Imports LLC", "Foods Inc.", "Trading Corp.", "Wholesale LLC"]
EXPORT_WORDS = [
    "Sol Azteca", "Sabor del Sur", "Border Pantry", "Tres Fronteras", "Casa Cacao",
    "Lone Mesa", "Quetzal", "Maíz y Miel", "Bravo River", "Nopal",
]  # fmt: skip

# name, price in MXN a unit, taxed at the general rate
PRODUCTS = [
    ("Arroz súper extra, costal 25 kg", 520, False),
    ("Frijol negro, costal 25 kg", 890, False),
    ("Frijol pinto, costal 25 kg", 940, False),
    ("Azúcar estándar, costal 50 kg", 1180, False),
    ("Harina de trigo, costal 44 kg", 760, False),
    ("Harina de maíz, bulto 20 kg", 410, False),
    ("Aceite vegetal 1 l, caja 12", 468, False),
    ("Leche entera 1 l, caja 12", 298, False),
    ("Leche en polvo 360 g, caja 24", 1390, False),
    ("Atún en agua 140 g, caja 48", 912, False),
    ("Sardina en tomate 425 g, caja 24", 780, False),
    ("Pasta para sopa 200 g, caja 20", 186, False),
    ("Lenteja 500 g, caja 20", 430, False),
    ("Sal de mesa 1 kg, bulto 20", 240, False),
    ("Café molido 500 g, caja 12", 1240, False),
    ("Chile jalapeño lata 380 g, caja 24", 640, False),
    ("Puré de tomate 210 g, caja 24", 216, False),
    ("Mayonesa 390 g, caja 12", 552, False),
    ("Galletas saladas, caja 12", 384, False),
    ("Avena 400 g, caja 12", 312, False),
    ("Refresco de cola 2.5 l, paquete 6", 196, True),
    ("Agua mineral 600 ml, caja 24", 288, True),
    ("Jugo de manzana 1 l, caja 12", 264, True),
    ("Chocolate de mesa, caja 24", 910, True),
    ("Caramelo surtido 1 kg, caja 10", 640, True),
    ("Papas fritas 45 g, caja 40", 520, True),
    ("Detergente en polvo 900 g, caja 10", 395, True),
    ("Cloro 950 ml, caja 12", 210, True),
    ("Papel higiénico, paquete 96 rollos", 575, True),
    ("Jabón de lavandería, caja 25", 445, True),
    ("Servilletas 500 piezas, caja 12", 330, True),
    ("Alimento para perro, costal 25 kg", 760, True),
]
